/**
 * A small state directory as this version writes it, for later versions to go on reading: a closed day, an open one, an outbox, and what is
 * known about addresses.
 *
 * `TLSRPT_WRITE_STATE=test/fixtures/state-0.3 npx vitest run --config .config/vitest.config.ts test/store/store.versions.test.ts` keeps one
 * under that path, for a version whose files are others. Those of earlier versions stay as they are.
 */
import { systemDisk } from '#support/disk.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from './datagrams.ts';
import { writeDay } from './day-files.ts';

export const CLOSED_DAY = '2026-11-19' as UtcDay;
export const OPEN_DAY = '2026-11-20' as UtcDay;

const success = makeDatagram({ domain: 'a.example' });
const failure = makeDatagram({ domain: 'b.example', failures: [{ code: 201, receivingIp: '192.0.2.1' }] });
const unreadable = Buffer.from('not JSON');

export async function writeState(path: string): Promise<void> {
  await writeDays(new StateDirectory(path));
  await writeRest(path);
}

async function writeDays(state: StateDirectory): Promise<void> {
  const context = { sqlite: await loadSqlite(), disk: systemDisk };
  const origin = state.identity();
  const first = { stem: state.sessionStem(CLOSED_DAY), identity: { day: CLOSED_DAY, origin } };
  writeDay(context, { ...first, datagrams: [success, success, failure, unreadable], ending: 'closed' });
  const second = { stem: state.sessionStem(OPEN_DAY), identity: { day: OPEN_DAY, origin } };
  writeDay(context, { ...second, datagrams: [success, failure], ending: 'checkpointed' });
  writeDay(context, { ...second, datagrams: [failure, success, success], ending: 'open' });
}

async function writeRest(path: string): Promise<void> {
  const store = await Store.open(path);
  store.destinations.change((destinations) => {
    destinations.suppress({ address: 'mailto:tls@b.example', untilMs: undefined, reason: 'by hand' });
  });
  const outbox = store.outboxes.open(CLOSED_DAY);
  const outgoing = { policyDomain: 'a.example', submitterDomain: 'mx.example', fileName: 'a.json.gz', summary: 'text' };
  const ids = ['one@mx.example', 'two@mx.example'];
  const reports = ids.map((reportId) => ({
    outgoing: { ...outgoing, reportId, document: `{"report-id":"${reportId}"}` },
    destinations: ['mailto:tls@a.example'],
    dueMs: 1_000,
  }));
  outbox.save(reports.slice(0, 1));
  outbox.checkpoint();
  outbox.save(reports.slice(1));
  outbox.startTransmission([ids[0] ?? '']);
  outbox.close();
}
