/**
 * Less memory for more work, where what strangers send decides how much there is to hold.
 *
 * V8 lets garbage pile up as long as it believes that there is room, which for a process is gigabytes, and counts buffers hardly at all. Once it
 * runs, its flags are the one way to say otherwise; those used here are looked at whenever it collects, and change nothing but when it does.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** More than this is worth a collection, which takes as long as reading half of it. */
export const MUCH_BYTES = 1_048_576;

let collect: (() => void) | undefined;
let isThrifty = false;

/** Before anything is held: the part of memory for what is new stays small. */
export function startThriftily(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Before much is to be held: garbage is looked for early. Where there is little to hold, that is a third of the work, and not done. */
export function beThrifty(isWorthIt: boolean): void {
  if (isWorthIt !== isThrifty) setFlagsFromString(`--heap-growing-percent=${isWorthIt ? '50' : '0'}`);
  isThrifty = isWorthIt;
}

/** What nobody holds any more goes at once. */
export function letGo(): void {
  collect ??= collector();
  collect();
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
