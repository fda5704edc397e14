/**
 * Whether a test datagram that is sent as smtp(8) sends gets to the collector.
 */
import { handlingOf } from './collector-handling.ts';
import type { CollectorHandling } from './collector-handling.ts';
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
  /** Whether systemd runs here, and knows tlsrpt.service. */
  readonly hasUnit: boolean;
}

const OTHER_RECEIVER =
  'a collector of an earlier version knows no test datagram; if that does not help, ss -xlp | grep tlsrpt says who receives there';

const { ok, warning, broken } = findingsOf('probe');

export function judgeProbe({ instance, socketName, fate, hasUnit }: ProbeFacts): Finding {
  const whose = instance
    ? `A test datagram from ${instance.user} (${instance.configDirectory}) to ${socketName}`
    : `A test datagram to ${socketName}`;
  const handling = handlingOf(hasUnit && instance !== undefined);
  const setUp = instance ? 'tlsrpt setup postfix --apply, then' : 'see collect.socket, and';
  switch (fate.kind) {
    case 'arrived':
      return ok(`${whose} has come, and is not counted.`);
    case 'not-sent':
      return broken(
        `${whose} cannot be sent: ${fate.why}.`,
        fate.why === 'EAGAIN' ? queueFull(handling) : `${setUp} ${handling.restartAll}`,
      );
    case 'lost':
      return broken(
        `${whose} was sent, and has not come to the collector in ${String(fate.waitedMs / 1_000)} seconds.`,
        `${handling.restartAll}: ${OTHER_RECEIVER}`,
      );
  }
}

function queueFull({ restart, log }: CollectorHandling): string {
  return `the queue of the socket is full: ${restart}, and see ${log} for what holds up the collector`;
}

/** Who may not act as Postfix's user does not know. */
export function probeNotTried(): Finding {
  return warning(
    'It was not tried whether what Postfix sends gets to the collector, which takes root.',
    'run this as root',
  );
}
