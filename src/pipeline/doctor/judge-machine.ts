/**
 * Whether the machine has room for what comes: in the queue of the socket, and on the disk.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** Undefined where the system does not say. */
export function judgeQueueLength(length: number | undefined, enough: number): Finding[] {
  const { ok, warning } = findingsOf('queue-length');
  if (length === undefined || length >= enough)
    return [ok(`A socket queues ${String(length ?? 'an unknown number of')} datagrams.`)];
  return [
    warning(
      `A socket queues ${String(length)} datagrams; when more deliveries end at once, some are not counted.`,
      `write net.unix.max_dgram_qlen = ${String(enough)} to /etc/sysctl.d/tlsrpt.conf, run sysctl --system, and start the socket anew`,
    ),
  ];
}

export interface DiskFacts {
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const LEAST_BYTES = 67_108_864;
const LEAST_SHARE = 0.05;

export function judgeDisk({ path, freeBytes, totalBytes }: DiskFacts): Finding[] {
  const { ok, warning, broken } = findingsOf('disk');
  const free = `${String(Math.floor(freeBytes / 1_048_576))} MiB are free where ${path} is.`;
  if (freeBytes >= LEAST_BYTES && freeBytes >= totalBytes * LEAST_SHARE) return [ok(free)];
  const worse = freeBytes < LEAST_BYTES ? broken : warning;
  return [worse(`Only ${free}`, 'make room, or keep fewer days (keep_days)')];
}
