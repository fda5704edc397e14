/**
 * Whether what tlsrpt itself runs on has all that it needs.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface RuntimeFacts {
  /** Such as `20.19.2`; one that is too old runs no command at all. */
  readonly nodeVersion: string;
  /** Why the native part cannot be loaded; undefined when it can. */
  readonly nativeTrouble: string | undefined;
}

const { ok, broken } = findingsOf('runtime');

export function judgeRuntime({ nodeVersion, nativeTrouble }: RuntimeFacts): Finding {
  if (nativeTrouble === undefined) return ok(`Node.js ${nodeVersion} runs tlsrpt, with its native part.`);
  return broken(
    nativeTrouble,
    'mount /tmp, /dev/shm or /var/tmp without noexec, or set TMPDIR to a directory that only root can change, here and in the units of tlsrpt',
  );
}
