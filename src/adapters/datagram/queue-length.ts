/**
 * How many datagrams the kernel queues for a unix socket (net.unix.max_dgram_qlen), which is fixed when the socket is made.
 *
 * Each network namespace, and so each container, has a value of its own, 10 to begin with; systemd raises the host's to 512.
 */
import { readFileSync } from 'node:fs';

const SETTING = '/proc/sys/net/unix/max_dgram_qlen';

export const ENOUGH_QUEUE_LENGTH = 512;

/** Undefined where the system does not say. */
export function readQueueLength(file = SETTING): number | undefined {
  try {
    const length = Number.parseInt(readFileSync(file, 'latin1'), 10);
    return Number.isNaN(length) ? undefined : length;
  } catch {
    return undefined;
  }
}
