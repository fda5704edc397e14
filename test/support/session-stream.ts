/**
 * Datagrams of several domains, successes and failures, sent one after the other at a steady rate, with what an outsider can know of each:
 * when it was in the kernel's hands.
 *
 * A tick is at least a millisecond, so the rate stays below 20,000/s; a tick that comes late is not made up for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatagramSender } from './datagram-sender.ts';
import { makeDatagram } from './datagrams.ts';
import { noSessions } from './session-counts.ts';
import type { SessionCounts } from './session-counts.ts';

export interface SentSession {
  readonly domain: string;
  readonly failed: boolean;
  readonly sentMs: number;
}

export interface SessionStreamOptions {
  readonly socket: string;
  readonly nowMs: () => number;
  /** The `index`-th session. */
  readonly session: (index: number) => { readonly domain: string; readonly failed: boolean };
  /** Called before each tick. */
  readonly onTick?: (stream: SessionStream) => void;
}

const PER_TICK = 15;
const ADDRESSES = 50;

export class SessionStream {
  /** What was sent since this was last emptied, in the order of sending. What nobody received is not in it. */
  sent: SentSession[] = [];
  /** How many found nobody to receive them. */
  refused = 0;
  readonly #options: SessionStreamOptions;
  readonly #sender: DatagramSender;
  readonly #running: Promise<void>;
  #index = 0;
  #isStopped = false;

  constructor(options: SessionStreamOptions) {
    this.#options = options;
    this.#sender = new DatagramSender(options.socket);
    this.#running = this.#run();
  }

  /** True when all that was sent has been taken out of the kernel's queue. */
  get isAllTaken(): boolean {
    return this.#sender.isAllTaken;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#options.onTick?.(this);
      for (let left = PER_TICK; left > 0; left -= 1) this.#sendNext();
      await sleep(1);
    }
    this.#sender.close();
  }

  #sendNext(): void {
    const { session, nowMs } = this.#options;
    const { domain, failed } = session(this.#index);
    const receivingIp = `192.0.2.${String(this.#index % ADDRESSES)}`;
    const outcome = this.#sender.send(makeDatagram({ domain, failures: failed ? [{ code: 201, receivingIp }] : [] }));
    if (outcome === 'nobody') this.refused += 1;
    if (outcome !== 'sent') return;
    this.sent.push({ domain, failed, sentMs: nowMs() });
    this.#index += 1;
  }
}

/** What must be stored when these were counted, each once. */
export function countsOf(sessions: readonly SentSession[]): Map<string, SessionCounts> {
  const byDomain = new Map<string, SessionCounts>();
  for (const { domain, failed } of sessions) {
    const counts = byDomain.get(domain) ?? noSessions();
    counts[failed ? 'failed' : 'successful'] += 1;
    counts.failures += failed ? 1 : 0;
    byDomain.set(domain, counts);
  }
  return byDomain;
}
