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
  /** Undefined where the MTA is elsewhere, so that it was sent as whoever runs doctor. */
  readonly instance: { readonly configDirectory: string; readonly user: string } | undefined;
  /** As smtp(8) knows it, or else where it is. */
  readonly socketName: string;
  readonly fate: ProbeFate;
}

const QUEUE_FULL =
  'the queue of the socket is full: systemctl restart tlsrpt.service, and see journalctl -u tlsrpt.service for what holds up the collector';
const OTHER_RECEIVER =
  'a collector of an earlier version knows no test datagram; if that does not help, ss -xlp | grep tlsrpt says who receives there';

const { ok, warning, broken } = findingsOf('probe');

export function judgeProbe({ instance, socketName, fate }: ProbeFacts): Finding {
  const whose = instance
    ? `A test datagram from ${instance.user} (${instance.configDirectory}) to ${socketName}`
    : `A test datagram to ${socketName}`;
  const [setUp, restart] = instance
    ? ['tlsrpt setup postfix --apply, then', 'systemctl restart tlsrpt.socket tlsrpt.service']
    : ['see collect.socket, and', 'start the collector anew'];
  switch (fate.kind) {
    case 'arrived':
      return ok(`${whose} has come, and is not counted.`);
    case 'not-sent':
      return broken(
        `${whose} cannot be sent: ${fate.why}.`,
        fate.why === 'EAGAIN' ? QUEUE_FULL : `${setUp} ${restart}`,
      );
    case 'lost':
      return broken(
        `${whose} was sent, and has not come to the collector in ${String(fate.waitedMs / 1_000)} seconds.`,
        `${restart}: ${OTHER_RECEIVER}`,
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
