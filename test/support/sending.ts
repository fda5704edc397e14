/**
 * A state directory with queued deliveries, and runs of send on it with a transport that answers as a test wants.
 */
import type { LogEvent } from '#events/event.ts';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { sendReports } from '#pipeline/send/send-reports.ts';
import type { SendOptions } from '#pipeline/send/send-reports.ts';
import type { DestinationsContent, Suppression } from '#store/destinations.ts';
import { Store } from '#store/store.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { FakeReportTransport } from './fake-report-transport.ts';
import type { Answer } from './fake-report-transport.ts';
import { scratchDirectory } from './scratch.ts';

export const DAY = '2026-11-19' as UtcDay;
export const START_MS = Date.UTC(2026, 10, 20, 6);
export const MAIL = 'mailto:tls@good.example';
export const WEB = 'https://good.example/r';

export const DELIVERED: DeliveryOutcome = { kind: 'delivered', reply: '250 Ok' };
export const DEFERRED: DeliveryOutcome = { kind: 'deferred', reply: '450 later' };
export const REFUSED: DeliveryOutcome = { kind: 'refused', reply: '550 no' };

interface Queued {
  readonly destinations: readonly string[];
  readonly day?: UtcDay;
  readonly policyDomain?: string;
  readonly reportId?: string;
  readonly dueMs?: number;
}

export class Sending {
  readonly store: Store;
  readonly logged: LogEvent[] = [];
  nowMs = START_MS;
  #reports = 0;

  private constructor(store: Store) {
    this.store = store;
  }

  static async with(...queued: readonly Queued[]): Promise<Sending> {
    const sending = new Sending(await Store.open(scratchDirectory()));
    for (const one of queued) sending.queue(one);
    return sending;
  }

  queue(queued: Queued): void {
    const { destinations, day = DAY, policyDomain = 'good.example', dueMs = START_MS } = queued;
    const outbox = this.store.outboxes.open(day);
    this.#reports += 1;
    const outgoing = { ...reportWithId(queued.reportId ?? `id-${String(this.#reports)}@sender.example`), policyDomain };
    outbox.save([{ outgoing, destinations, dueMs }]);
    outbox.close();
  }

  /** Upon the operator's word. */
  suppress(suppression: Omit<Suppression, 'reason'>): void {
    this.store.destinations.change((destinations) => {
      destinations.suppress({ ...suppression, reason: undefined });
    });
  }

  /** What is known about reporting addresses. */
  known(): DestinationsContent {
    return this.store.destinations.read();
  }

  /** How many reports are counted for each host today. */
  reportsToday(): Record<string, number> {
    return Object.fromEntries(this.store.hostCounts.totalsOn(utcDayOf(this.nowMs)));
  }

  /** One run; all technologies are the same fake. */
  async run(
    answer: Answer | DeliveryOutcome,
    options: Partial<SendOptions> = {},
  ): Promise<[FakeReportTransport, number]> {
    const transport = new FakeReportTransport(typeof answer === 'function' ? answer : () => answer);
    const waiting = await sendReports({
      ...this.options(),
      transports: { mailto: transport, https: transport, directory: transport },
      ...options,
    });
    return [transport, waiting];
  }

  options(): Omit<SendOptions, 'transports'> {
    return {
      store: this.store,
      day: undefined,
      domains: [],
      evenIfNotDue: false,
      clock: { nowMs: () => this.nowMs },
      steadyMs: () => this.nowMs,
      random: () => 0.5,
      log: (event) => this.logged.push(event),
      parallel: 5,
      parallelPerHost: 5,
      maxPerDestination: 1_000,
      timeoutMsOf: () => 60_000,
      stopping: new AbortController().signal,
      dayRefused: (problem) => {
        throw problem;
      },
      whyHeldBack: () => undefined,
      progress: { expect: () => undefined, advance: () => undefined },
    };
  }

  deliveries(day = DAY): readonly Delivery[] {
    return this.store.outboxes.read(day)?.deliveries ?? [];
  }

  states(day = DAY): string[] {
    return this.deliveries(day).map(({ state }) => state);
  }

  eventNames(): string[] {
    return this.logged.map(({ name }) => name);
  }

  transmissionStarted(reportId: string): boolean | undefined {
    const outbox = this.store.outboxes.open(DAY);
    const transmissionStarted = outbox.report(reportId)?.transmissionStarted;
    outbox.close();
    return transmissionStarted;
  }
}
