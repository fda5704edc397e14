/**
 * Whether what Postfix sends is of the version of the protocol that is read here.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { LONGEST_MS } from './longest-silence.ts';

export interface DatagramVersionFacts {
  /** Undefined where none is found. */
  readonly library: { readonly path: string; readonly sendsVersion: boolean } | undefined;
  /** When a datagram of another version last came, as the running collector knows. */
  readonly otherVersionMs: number | undefined;
  readonly nowMs: number;
}

const { ok, warning } = findingsOf('datagram-version');

/** Without a version, as libtlsrpt before 0.5.1 sends them, they are of ours. */
export function judgeDatagramVersion({ library, otherVersionMs, nowMs }: DatagramVersionFacts): Finding[] {
  if (otherVersionMs !== undefined && nowMs - otherVersionMs < LONGEST_MS)
    return [
      warning(
        `Datagrams come that are of another version of the protocol than 1 (dpv), at last at ${new Date(otherVersionMs).toISOString()}.`,
        'install a libtlsrpt of version 1 of the protocol, or a later version of tlsrpt, and start Postfix anew; what version 1 has of them is counted',
      ),
    ];
  if (!library) return [];
  return [
    ok(
      library.sendsVersion
        ? `${library.path} says of which version of the protocol its datagrams are (dpv).`
        : `${library.path} does not say of which version of the protocol its datagrams are (dpv), which is read as version 1.`,
    ),
  ];
}
