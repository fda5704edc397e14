/**
 * A disk that fails on demand, in this process: calls of node:fs throw, or do only a part, for the files that a test names.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type FailingCall =
  | 'openSync'
  | 'writeSync'
  | 'fsyncSync'
  | 'fsync'
  | 'ftruncateSync'
  | 'renameSync'
  | 'rmSync'
  | 'unlinkSync'
  | 'mkdirSync'
  | 'readdirSync'
  | 'statSync'
  | 'lchownSync'
  | 'chmodSync';

export interface Fault {
  readonly call: FailingCall;
  /** Such as `ENOSPC`. */
  readonly errno: string;
  /** Only for files whose path ends so; by default every one. */
  readonly path?: string;
  /** How many times; by default until `healDisk`. */
  readonly times?: number;
  /** How many bytes a failing write takes before it fails, as on a disk that is nearly full. */
  readonly takesBytes?: number;
}

type AnyCall = (...values: unknown[]) => unknown;

const original = { ...fs } as unknown as Record<FailingCall, AnyCall>;
const replaced = new Set<FailingCall>();
const patched = fs as unknown as Record<FailingCall, AnyCall>;

/** Faults of one call replace each other, those of different calls add up. */
export function failDisk({ call, errno, path = '', times = Infinity, takesBytes = 0 }: Fault): void {
  let left = times;
  replaceCall(call, (...values) => {
    if (left === 0 || !pathOf(values.at(call === 'renameSync' ? 1 : 0)).endsWith(path))
      return original[call](...values);
    left -= 1;
    if (takesBytes > 0) original[call](values[0], values[1], 0, takesBytes);
    throw Object.assign(new Error(`${errno}: ${call}`), { code: errno });
  });
}

/** Does `act` just before the first such call on a file whose path ends so. */
export function beforeDiskCall(call: FailingCall, path: string, act: () => void): void {
  replaceCall(call, (...values) => {
    if (!pathOf(values[0]).endsWith(path)) return original[call](...values);
    replaceCall(call, original[call]);
    act();
    return original[call](...values);
  });
}

/** Returns how many such calls there have been since. */
export function countDiskCalls(call: FailingCall): () => number {
  let calls = 0;
  replaceCall(call, (...values) => {
    calls += 1;
    return original[call](...values);
  });
  return () => calls;
}

/** Each write takes at most so many bytes, without an error. */
export function shortenWrites(bytes: number): void {
  replaceCall('writeSync', (fd, content, offset, length) =>
    original.writeSync(fd, content, offset, Math.min(bytes, Number(length))),
  );
}

export function healDisk(): void {
  for (const call of replaced) patched[call] = original[call];
  replaced.clear();
  syncBuiltinESMExports();
}

function replaceCall(call: FailingCall, replacement: AnyCall): void {
  patched[call] = replacement;
  replaced.add(call);
  syncBuiltinESMExports();
}

function pathOf(target: unknown): string {
  return typeof target === 'number' ? fs.readlinkSync(`/proc/self/fd/${String(target)}`) : String(target);
}
