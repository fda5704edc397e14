/**
 * Whether a test datagram that is sent as smtp(8) sends gets to the collector.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export type ProbeFate =
  | { readonly kind: 'arrived' }
  /** `why`: the name of the errno. */
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'lost'; readonly waitedMs: number };

export interface ProbeFacts {
  /** Where the instance of Postfix is set up. */
  readonly configDirectory: string;
  /** As smtp(8) knows it. */
  readonly socketName: string;
  readonly user: string;
  readonly fate: ProbeFate;
}

const { ok, warning, broken } = findingsOf('probe');

export function judgeProbe({ configDirectory, socketName, user, fate }: ProbeFacts): Finding {
  const whose = `${user} (${configDirectory}) to ${socketName}`;
  switch (fate.kind) {
    case 'arrived':
      return ok(`A test datagram from ${whose} has come, and is not counted.`);
    case 'not-sent':
      return broken(
        `A test datagram from ${whose} cannot be sent: ${fate.why}.`,
        fate.why === 'EAGAIN'
          ? 'the queue of the socket is full: systemctl restart tlsrpt.service, and see journalctl -u tlsrpt.service for what holds up the collector'
          : 'tlsrpt setup postfix --apply, then systemctl restart tlsrpt.socket tlsrpt.service',
      );
    case 'lost':
      return broken(
        `A test datagram from ${whose} was sent, and has not come to the collector in ${String(fate.waitedMs / 1_000)} seconds.`,
        'systemctl restart tlsrpt.socket tlsrpt.service: a collector of an earlier version knows no test datagram; if that does not help, ss -xlp | grep tlsrpt says who receives there',
      );
  }
}

/** Who may not act as Postfix's user does not know. */
export function probeNotTried(): Finding {
  return warning(
    'It was not tried whether what Postfix sends gets to the collector, which takes root.',
    'run this as root',
  );
}
