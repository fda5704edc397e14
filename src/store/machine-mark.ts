/**
 * A mark of the machine that a state directory is on: a directory with the mark of another one was copied.
 *
 * It is made of /etc/machine-id, which is not to be shown to others and so goes through a key of ours (machine-id(5)). Containers often have
 * none, or all the same one; whoever runs them has no mark, and hears of a copy by the conflict that `fetch` finds.
 */
import { createHmac } from 'node:crypto';
import type { Disk } from '#support/disk.ts';
import { errnoOf } from '#support/problem.ts';
import { readIfThere } from './durable/read-if-there.ts';

const MACHINE_ID_FILE = '/etc/machine-id';
const MACHINE_ID = /^[0-9a-f]{32}$/;
const MOST_BYTES = 80;
const OUR_KEY = 'tlsrpt: which machine a state directory is on';

/** The form of a mark. */
export const MACHINE_MARK = /^[0-9a-f]{64}$/;

/** Undefined where the machine has no name of its own, or does not tell it now. */
export function machineMark(disk: Disk): string | undefined {
  const id = machineIdOf(disk);
  return id !== undefined && MACHINE_ID.test(id) ? createHmac('sha256', id).update(OUR_KEY).digest('hex') : undefined;
}

function machineIdOf(disk: Disk): string | undefined {
  try {
    return readIfThere(disk, MACHINE_ID_FILE, MOST_BYTES)?.trim();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
