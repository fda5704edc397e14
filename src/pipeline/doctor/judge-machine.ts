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
  /** How many files more there may be; undefined on a file system without such a limit. */
  readonly freeFiles: number | undefined;
}

const LEAST_BYTES = 67_108_864;
const LEAST_SHARE = 0.05;
/** A day has a few files. */
const LEAST_FILES = 1_000;

export function judgeDisk({ path, freeBytes, totalBytes, freeFiles }: DiskFacts): Finding[] {
  const { ok, warning, broken } = findingsOf('disk');
  const free = `${String(Math.floor(freeBytes / 1_048_576))} MiB are free where ${path} is.`;
  if (freeFiles !== undefined && freeFiles < LEAST_FILES)
    return [
      broken(
        `Where ${path} is, the file system takes ${String(freeFiles)} files more, however much room it has.`,
        'remove files that nobody needs there (df -i and du --inodes show where they are)',
      ),
    ];
  if (freeBytes >= LEAST_BYTES && freeBytes >= totalBytes * LEAST_SHARE) return [ok(free)];
  const worse = freeBytes < LEAST_BYTES ? broken : warning;
  return [worse(`Only ${free}`, 'make room, or keep fewer days (keep_days)')];
}
