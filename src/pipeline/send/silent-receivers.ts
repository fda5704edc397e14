/**
 * Receivers that let one attempt after the other run into its time-out: what is left for them waits for the next run, so that this one ends.
 *
 * An answer of any kind, and a connection that fails at once, cost no time and count as a sign of life. Our own mail server is one of the
 * receivers: when it is silent, all mails are left.
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

  /** `timeoutMsOf`: how long an attempt waits for a receiver that is reached by `mailto` or `https`. */
  constructor(timeoutMsOf: (way: string) => number) {
    this.#timeoutMsOf = timeoutMsOf;
  }

  note({ receiver, outcome, tookMs }: AttemptedDelivery): void {
    const isOurs = outcome.kind === 'deferred' && outcome.isOurs === true;
    const isSilent = outcome.kind === 'deferred' && tookMs >= this.#timeoutMsOf(receiver.way) / 2;
    if (!isOurs) this.#count(nameOf(receiver), isSilent);
    if (receiver.way === 'mailto') this.#count(MAIL_SERVER, isSilent && isOurs);
  }

  /** True, and counted, when a delivery is to be left for the next run. */
  leaves(receiver: Receiver): boolean {
    const names = receiver.way === 'mailto' ? [MAIL_SERVER, nameOf(receiver)] : [nameOf(receiver)];
    const silent = names.find((name) => (this.#silences.get(name) ?? 0) >= MOST_IN_A_ROW);
    if (silent === undefined) return false;
    this.left.set(silent, (this.left.get(silent) ?? 0) + 1);
    return true;
  }

  #count(name: string, isSilent: boolean): void {
    if (isSilent) this.#silences.set(name, (this.#silences.get(name) ?? 0) + 1);
    else this.#silences.delete(name);
  }
}

const MAIL_SERVER = 'our own mail server';

function nameOf({ way, host }: Receiver): string {
  return way === 'mailto' ? `the mail server, about mailboxes in ${host},` : host;
}
