/**
 * A process of its own that makes an outbox with so many reports to deliver. Arguments: state directory, reports.
 */
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Outbox } from '#store/outbox.ts';
import { StateDirectory } from '#store/state-directory.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { benchReport, DAY, destinationOf } from './send-corpus.ts';

const [, , path = '', reports = '0'] = process.argv;
void fill(new StateDirectory(path), Number(reports));

async function fill(state: StateDirectory, count: number): Promise<void> {
  const day = DAY as UtcDay;
  const outbox = Outbox.open(await loadSqlite(), state.outboxStem(day), day);
  outbox.save(
    Array.from({ length: count }, (_, index) => ({
      outgoing: benchReport(index),
      destinations: [destinationOf(index)],
      dueMs: 0,
    })),
  );
  outbox.checkpoint();
  outbox.close();
}
