/**
 * One process of a simulated machine: what it has open, and each of its calls to the disk, which may go wrong, take long, or come from
 * the dead.
 */
import type { DiskCall, DiskFault } from './disk-faults.ts';
import type { NameChange, SimulatedNode } from './file-tree.ts';
import type { HeldCalls } from './held-calls.ts';
import type { SimulatedFile } from './simulated-file.ts';
import type { OpenNode, SimulatedMachine } from './simulated-machine.ts';
import { systemError } from './system-error.ts';

/** What was there when a sync began: no more need be on the disk when it returns. */
export interface BegunSync {
  readonly fault: DiskFault | undefined;
  readonly lastChange?: number;
  readonly nameChanges?: readonly NameChange[];
}

export interface BegunWrite {
  readonly position: number;
  readonly fault: DiskFault | undefined;
}

export class SimulatedProcess {
  readonly machine: SimulatedMachine;
  readonly #opened = new Map<number, OpenNode>();
  #isDead = false;

  constructor(machine: SimulatedMachine) {
    this.machine = machine;
  }

  kill(): void {
    this.#isDead = true;
    for (const opened of this.#opened.values()) this.machine.closed(opened);
    this.#opened.clear();
  }

  call<Result>(call: DiskCall, path: string, act: () => Result): Result {
    const fault = this.fault(call, path);
    if (fault?.errno !== undefined) systemError(fault.errno, path);
    return act();
  }

  fault(call: DiskCall, path: string): DiskFault | undefined {
    this.#refuseTheDead();
    return this.machine.faults.next(call, path);
  }

  open(node: SimulatedNode, path: string, isWritable: boolean): number {
    if (node.kind === 'file') node.opened += 1;
    const fd = this.machine.nextDescriptor();
    this.#opened.set(fd, { node, path, isWritable });
    return fd;
  }

  opened(fd: number): OpenNode {
    this.#refuseTheDead();
    return this.#opened.get(fd) ?? systemError('EBADF', `descriptor ${String(fd)}`);
  }

  close(fd: number): void {
    const opened = this.opened(fd);
    this.#opened.delete(fd);
    this.machine.closed(opened);
  }

  write(fd: number, bytes: Uint8Array, { position, fault }: BegunWrite): number {
    const { node, path, isWritable } = this.opened(fd);
    if (!isWritable) systemError('EBADF', path);
    const { errno, takesBytes = errno === undefined ? bytes.length : 0 } = fault ?? {};
    const taken = this.machine.write(fileOf(node, path), bytes.subarray(0, takesBytes), position);
    return errno === undefined ? taken : systemError(errno, path);
  }

  beginSync({ node, path }: OpenNode, call: 'sync' | 'syncLater'): BegunSync {
    const fault = this.fault(call, path);
    return node.kind === 'file'
      ? { fault, lastChange: node.lastChange }
      : { fault, nameChanges: [...this.machine.tree.unsynced] };
  }

  endSync({ node, path }: OpenNode, { fault, lastChange, nameChanges }: BegunSync): void {
    if (fault?.unsynced && node.kind === 'file') node.dropUnsynced(fault.unsynced === 'lost-but-cached');
    if (fault?.errno !== undefined) systemError(fault.errno, path);
    if (node.kind === 'file') node.sync(lastChange);
    else this.machine.tree.sync(node, nameChanges);
  }

  /** A call that is under way when the process dies never comes back. */
  async turn(held: HeldCalls): Promise<void> {
    await held.turn();
    if (this.#isDead || this.machine.isOff) await new Promise<never>(() => undefined);
  }

  #refuseTheDead(): void {
    if (this.#isDead || this.machine.isOff) throw new Error('this process was killed');
  }
}

export function fileOf(node: SimulatedNode, path: string): SimulatedFile {
  return node.kind === 'file' ? node : systemError('EISDIR', path);
}
