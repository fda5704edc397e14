/**
 * A state directory with something to see on every page: two weeks of sessions, our reports about them with what became of those, and what others
 * reported; served with a clock that stands still.
 */
import { WebServer } from '#adapters/http/web-server.ts';
import type { Store } from '#store/store.ts';
import { daysBefore, startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DeliveryState } from '#tlsrpt/delivery.ts';
import { systemClock } from '#support/clock.ts';
import { answerQuestion } from '#web/page/answer-question.ts';
import { pageRoutes } from '#web/page/page-routes.ts';
import { StateMemory } from '#web/page/state-memory.ts';
import type { StateQuestion, StateReader } from '#web/page/state-reader.ts';
import type { SharedAnswer } from '#web/shared-reading.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays } from './collected-days.ts';
import { makeDatagram, recordedDatagrams } from './datagrams.ts';
import { entryToPack, verified } from './inbound-entries.ts';
import { documentAbout } from './noticed-reports.ts';

const SHOWN_NOW_MS = Date.parse('2026-11-20T14:30:00Z');
export const SHOWN_TODAY = utcDayOf(SHOWN_NOW_MS);
const DAYS = 14;
const EXPIRED = 204;
const UNTRUSTED = 203;

/** Of a domain that fails since three days, and one that fails today for the first time. */
export async function makeShownState(path?: string): Promise<Store> {
  const days = await CollectedDays.make(undefined, path);
  for (let before = DAYS; before >= 0; before -= 1) collectDay(days, daysBefore(SHOWN_TODAY, before), before);
  for (let before = DAYS; before >= 1; before -= 1) {
    deliverDay(days.store, daysBefore(SHOWN_TODAY, before), before);
    await hearDay(days.store, daysBefore(SHOWN_TODAY, before), before);
  }
  return days.store;
}

function collectDay(days: CollectedDays, day: UtcDay, before: number): void {
  const many = (count: number, datagram: Buffer): Buffer[] => Array.from({ length: count }, () => datagram);
  days.collect(
    [
      ...many(400 + ((before * 37) % 90), makeDatagram({ domain: 'good.example' })),
      ...many(60 + ((before * 11) % 30), makeDatagram({ domain: 'partner.example' })),
      ...(before <= 3
        ? many(
            25 - before,
            makeDatagram({ domain: 'partner.example', failures: [{ code: EXPIRED, receivingIp: '192.0.2.7' }] }),
          )
        : []),
      ...(before === 0
        ? many(
            9,
            makeDatagram({ domain: 'customer.example', failures: [{ code: UNTRUSTED, receivingIp: '192.0.2.9' }] }),
          )
        : []),
      ...(before % 4 === 0 ? recordedDatagrams() : []),
    ],
    { day },
  );
}

const OUTCOMES: readonly (readonly [
  domain: string,
  destination: string,
  state: DeliveryState,
  words: string | undefined,
])[] = [
  ['good.example', 'mailto:tls@good.example', 'delivered', '250 2.0.0 Ok: queued'],
  ['partner.example', 'https://reports.partner.example/v1/tlsrpt', 'delivered', '201'],
  ['gone.example', 'mailto:nobody@gone.example', 'refused', '550 5.1.1 <nobody@gone.example>: user unknown'],
];

function deliverDay(store: Store, day: UtcDay, before: number): void {
  const outbox = store.outboxes.open(day);
  const dueMs = startOfDayMs(daysBefore(day, -1));
  const idOf = (domain: string): string => `${day}-${domain}@sender.example`;
  for (const [domain, destination] of OUTCOMES)
    outbox.save([
      { outgoing: { ...reportWithId(idOf(domain)), policyDomain: domain }, destinations: [destination], dueMs },
    ]);
  outbox.noteResults(
    OUTCOMES.map(([domain, destination, state, words]) => {
      const waits = before === 1 && state === 'refused';
      return {
        reportId: idOf(domain),
        destination,
        state: waits ? ('deferred' as const) : state,
        attempts: 1,
        firstAttemptMs: dueMs,
        lastAttemptMs: dueMs,
        lastResult: (waits ? '451 4.3.0 try again later' : words) ?? '',
        nextAttemptMs: waits ? SHOWN_NOW_MS + 3_600_000 : undefined,
      };
    }),
  );
  outbox.close();
}

async function hearDay(store: Store, day: UtcDay, before: number): Promise<void> {
  const reporters = ['Reporter Inc.', 'Large Mail', 'A University'];
  const entries = reporters.map((organization, at) => {
    const document = documentAbout(day, before % (at + 3) === 0 ? 12 + before : 0, organization);
    const verification = at < 2 ? verified : undefined;
    return store.inbound.pack(
      entryToPack({ document, place: { day }, periodDay: day, ...(verification && { verification }) }),
    );
  });
  await store.inbound.save(entries, (problem) => {
    throw problem;
  });
}

const HEALTH = {
  healthy: true,
  problems: [],
  collector: { running: true, holder: 'process 812' },
  lastDatagram: '2026-11-20T14:29:00.000Z',
  runs: {
    report: { started: '2026-11-20T00:10:00.000Z', ended: '2026-11-20T00:10:04.000Z', exitCode: 0 },
    send: { started: '2026-11-20T14:15:00.000Z', ended: '2026-11-20T14:15:02.000Z', exitCode: 0 },
  },
};

export function directReader(store: Store): StateReader {
  return {
    ask: (question) =>
      Promise.resolve(answerQuestion(question as StateQuestion, { store, sources: [], key: 'key' }) as never),
    rest: () => Promise.resolve(),
  };
}

export interface ShownServer {
  readonly url: string;
  readonly memory: StateMemory;
  stop(): Promise<void>;
}

/** What it shows is read before it is returned. */
export async function showState(store: Store, health: object = HEALTH): Promise<ShownServer> {
  const reader = directReader(store);
  const times = { nowMs: () => SHOWN_NOW_MS, steadyMs: () => performance.now() };
  const memory = new StateMemory({
    ...times,
    reader,
    quickReader: reader,
    key: 'key',
    stopping: new AbortController().signal,
  });
  await memory.refresh();
  const server = new WebServer({
    address: { host: '127.0.0.1', port: 0 },
    secrets: { identity: undefined, token: undefined },
    routes: pageRoutes({
      ...times,
      memory,
      reader,
      health: (): Promise<SharedAnswer> => Promise.resolve({ kind: 'read', text: JSON.stringify(health) }),
      sleep: (durationMs) => systemClock.sleep(durationMs),
    }),
  });
  const url = await server.listen();
  return { url, memory, stop: () => server.stop() };
}
