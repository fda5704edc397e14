/**
 * A state directory with queued deliveries, and runs of send on it with a transport that answers as a test wants.
 */
import type { LogEvent } from '#events/event.ts';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { sendReports } from '#pipeline/send/send-reports.ts';
import type { SendOptions } from '#pipeline/send/send-reports.ts';
import { Destinations, readDestinations } from '#store/destinations.ts';
import type { DestinationsContent, Suppression } from '#store/destinations.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { Outbox } from '#store/outbox.ts';
import { readOutbox } from '#store/read-outbox.ts';
import { StateDirectory } from '#store/state-directory.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
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
  readonly state = new StateDirectory(scratchDirectory());
  readonly sqlite: Sqlite;
  readonly logged: LogEvent[] = [];
  nowMs = START_MS;
  #reports = 0;

  private constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
  }

  static async with(...queued: readonly Queued[]): Promise<Sending> {
    const sending = new Sending(await loadSqlite());
    for (const one of queued) sending.queue(one);
    return sending;
  }

  queue(queued: Queued): void {
    const { destinations, day = DAY, policyDomain = 'good.example', dueMs = START_MS } = queued;
    const outbox = Outbox.open(this.sqlite, this.state.outboxStem(day), day);
    this.#reports += 1;
    const outgoing = { ...reportWithId(queued.reportId ?? `id-${String(this.#reports)}@sender.example`), policyDomain };
    outbox.save([{ outgoing, destinations, dueMs }]);
    outbox.close();
  }

  /** Upon the operator's word. */
  suppress(suppression: Omit<Suppression, 'reason'>): void {
    const destinations = Destinations.open(this.sqlite, this.state.destinationsStem);
    destinations.suppress({ ...suppression, reason: undefined });
    destinations.close();
  }

  /** What is known about reporting addresses. */
  known(): DestinationsContent {
    return readDestinations(this.sqlite, this.state.destinationsStem);
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
      state: this.state,
      sqlite: this.sqlite,
      day: undefined,
      domains: [],
      evenIfNotDue: false,
      clock: { nowMs: () => this.nowMs },
      random: () => 0.5,
      log: (event) => this.logged.push(event),
      parallel: 5,
      parallelPerHost: 5,
      maxPerDestination: 1_000,
      refuseUnsendable: () => undefined,
      progress: { expect: () => undefined, advance: () => undefined },
    };
  }

  deliveries(day = DAY): readonly Delivery[] {
    return readOutbox(this.sqlite, this.state.outboxStem(day))?.deliveries ?? [];
  }

  states(day = DAY): string[] {
    return this.deliveries(day).map(({ state }) => state);
  }

  eventNames(): string[] {
    return this.logged.map(({ name }) => name);
  }

  transmissionStarted(reportId: string): boolean | undefined {
    const outbox = Outbox.open(this.sqlite, this.state.outboxStem(DAY), DAY);
    const transmissionStarted = outbox.report(reportId)?.transmissionStarted;
    outbox.close();
    return transmissionStarted;
  }
}
