/**
 * Receivers that let one attempt after the other run for long: what is left for them waits for the next run, so that this one ends.
 *
 * What comes in good time, an answer of any kind or the failure of a connection, counts as a sign of life; an answer that comes late costs as
 * much time as none. A stranger can name any number of hosts below a domain, and each would have its attempts; so once some of them were silent,
 * all others that have not answered are left as well. Our own mail server is one of the receivers, but for the time that it takes over the mails that it takes. When it is
 * silent, be it before it hears of a mail or about one domain after the other, all mails are left.
 */
import type { Receiver } from './delivery-queue.ts';
import { canonicalIp } from '#tlsrpt/ip-address.ts';
import type { DeliveryOutcome } from './report-transport.ts';

export interface AttemptedDelivery {
  readonly receiver: Receiver;
  readonly outcome: DeliveryOutcome;
  readonly tookMs: number;
}

const MOST_IN_A_ROW = 10;
/** Of those below one domain. */
const MOST_HOSTS = 10;

export class SilentReceivers {
  /** What was left, by the name of the receiver for people. */
  readonly left = new Map<string, number>();
  readonly #timeoutMsOf: (way: string) => number;
  /** How many attempts in a row each has been silent, by the name for people. */
  readonly #silences = new Map<string, number>();
  readonly #answered = new Set<string>();
  /** Those that were silent and have not answered, by the domain that they are below. */
  readonly #silentHosts = new Map<string, Set<string>>();
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
    if (!isOurs) this.#noteHost(receiver, isSilent);
    if (!isMail) return;
    if (isSilent) this.#mailServerSilences.add(isOurs ? Symbol() : upperDomain(receiver.host));
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
    const [name, group] = [nameOf(receiver), groupOf(receiver)];
    if ((this.#silences.get(name) ?? 0) >= MOST_IN_A_ROW) return name;
    const silentHosts = this.#silentHosts.get(group)?.size ?? 0;
    return silentHosts >= MOST_HOSTS && !this.#answered.has(name) ? group : undefined;
  }

  #noteHost(receiver: Receiver, isSilent: boolean): void {
    const [name, group] = [nameOf(receiver), groupOf(receiver)];
    const silentHosts = this.#silentHosts.get(group) ?? new Set();
    this.#silentHosts.set(group, silentHosts);
    if (isSilent) {
      this.#silences.set(name, (this.#silences.get(name) ?? 0) + 1);
      if (!this.#answered.has(name)) silentHosts.add(name);
    } else {
      this.#silences.delete(name);
      silentHosts.delete(name);
      this.#answered.add(name);
    }
  }
}

function nameOf({ way, host }: Receiver): string {
  return way === 'mailto' ? `the mail server, about mailboxes in ${host},` : host;
}

function groupOf({ way, host }: Receiver): string {
  const names = `${upperDomain(host)}, with the hosts below it,`;
  return way === 'mailto' ? `the mail server, about mailboxes in ${names}` : names;
}

/** Its last two labels, below which its owner names what he likes; all addresses that stand in place of a name are as one. */
function upperDomain(host: string): string {
  return canonicalIp(host.replace(/^\[(.*)\]$/, '$1')) === undefined
    ? host.split('.').slice(-2).join('.')
    : 'an address';
}
