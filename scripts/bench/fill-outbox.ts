/**
 * A process of its own that makes an outbox with so many reports to deliver. Arguments: state directory, reports.
 */
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { benchReport, DAY, destinationOf } from './send-corpus.ts';

const [, , path = '', reports = '0'] = process.argv;
void Store.open(path).then((store) => {
  fill(store, Number(reports));
});

function fill({ outboxes }: Store, count: number): void {
  const outbox = outboxes.open(DAY as UtcDay);
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
