/**
 * Receivers that let one attempt after the other run for long: what is left for them waits for the next run, so that this one ends.
 *
 * What comes in good time, an answer of any kind or the failure of a connection, counts as a sign of life; an answer that comes late costs as
 * much time as none. Our own mail server is one of the receivers, but for the time that it takes over the mails that it takes. When it is
 * silent, be it before it hears of a mail or about one domain after the other, all mails are left.
 */
import type { Receiver } from './delivery-queue.ts';
import type { DeliveryOutcome } from './report-transport.ts';

export interface AttemptedDelivery {
  readonly receiver: Receiver;
  readonly outcome: DeliveryOutcome;
  readonly tookMs: number;
}

const MOST_IN_A_ROW = 10;

export class SilentReceivers {
  /** What was left, by the name of the receiver for people. */
  readonly left = new Map<string, number>();
  readonly #timeoutMsOf: (way: string) => number;
  /** How many attempts in a row each has been silent. */
  readonly #silences = new Map<string, number>();
  /** Since our mail server last answered: each time without a session, and each domain that it was silent about. */
  readonly #mailServerSilences = new Set<symbol | string>();

  /** `timeoutMsOf`: how long an attempt waits for a receiver that is reached by `mailto` or `https`. */
  constructor(timeoutMsOf: (way: string) => number) {
    this.#timeoutMsOf = timeoutMsOf;
  }

  note({ receiver, outcome, tookMs }: AttemptedDelivery): void {
    const isMail = receiver.way === 'mailto';
    const isOurs = outcome.kind === 'deferred' && outcome.isOurs === true;
    const isSlow = tookMs >= this.#timeoutMsOf(receiver.way) / 2;
    const isSilent = isSlow && (outcome.kind === 'deferred' || receiver.way === 'https');
    if (!isOurs) this.#count(nameOf(receiver), isSilent);
    if (!isMail) return;
    if (isSilent) this.#mailServerSilences.add(isOurs ? Symbol() : receiver.host);
    else this.#mailServerSilences.clear();
  }

  /** True, and counted, when a delivery is to be left for the next run. */
  leaves(receiver: Receiver): boolean {
    const silent = this.#silentOne(receiver);
    if (silent === undefined) return false;
    this.left.set(silent, (this.left.get(silent) ?? 0) + 1);
    return true;
  }

  #silentOne(receiver: Receiver): string | undefined {
    if (receiver.way === 'mailto' && this.#mailServerSilences.size >= MOST_IN_A_ROW) return 'our own mail server';
    const name = nameOf(receiver);
    return (this.#silences.get(name) ?? 0) >= MOST_IN_A_ROW ? name : undefined;
  }

  #count(name: string, isSilent: boolean): void {
    if (isSilent) this.#silences.set(name, (this.#silences.get(name) ?? 0) + 1);
    else this.#silences.delete(name);
  }
}

function nameOf({ way, host }: Receiver): string {
  return way === 'mailto' ? `the mail server, about mailboxes in ${host},` : host;
}
