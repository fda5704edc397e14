/**
 * How long this machine has been up: time that really passed, whatever its clock is set to.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { errnoOf } from './problem.ts';

export interface Uptime {
  /** Which time it was started; empty where the system does not say. */
  readonly boot: string;
  /** Since it was started. It goes on while the machine sleeps. */
  readonly upMs: number;
}

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

export function systemUptime(): Uptime {
  return { boot: bootId(), upMs: Math.round(uptime() * 1_000) };
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID_FILE, 'latin1').trim();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}
