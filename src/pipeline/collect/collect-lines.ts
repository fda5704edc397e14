/**
 * Tallies datagrams that come as lines, one each: replay, tests, and MTAs without libtlsrpt.
 *
 * Everything counts for one day, also one that is over: that day is opened once more and closed again.
 */
import { closedDayReopened } from '#events/collect-events.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Clock } from '#support/clock.ts';
import { Complaints } from './complaints.ts';
import { DayWriter, writerIntervals } from './day-writer.ts';
import type { DayWriterOptions } from './day-writer.ts';

export interface CollectLinesOptions extends DayWriterOptions {
  readonly clock: Clock;
  readonly lines: AsyncIterable<Buffer>;
  readonly day: UtcDay;
}

export interface LinesSummary {
  readonly tallied: number;
  readonly rejected: number;
}

export async function collectLines(options: CollectLinesOptions): Promise<LinesSummary> {
  const { clock, day, state, log } = options;
  const isClosed = state.sessionDays().includes(day) && !state.unfinishedSessionDays().includes(day);
  if (isClosed) log(closedDayReopened(day));
  const writer = new DayWriter(options, day);
  writer.open();
  const summary = await tallyLines(writer, options);
  if (day < utcDayOf(clock.nowMs())) await writer.finish(clock.nowMs());
  else await writer.close(clock.nowMs());
  return summary;
}

async function tallyLines(writer: DayWriter, options: CollectLinesOptions): Promise<LinesSummary> {
  const { clock, lines } = options;
  const complaints = new Complaints(options);
  const summary = { tallied: 0, rejected: 0 };
  const writing = setInterval(() => {
    writer.write(clock.nowMs());
  }, writerIntervals.appendMs);
  try {
    for await (const line of lines) {
      if (line.length === 0) continue;
      const result = writer.tally.count(line);
      if (result === 'tallied') summary.tallied += 1;
      else {
        summary.rejected += 1;
        complaints.about(line, result, clock.nowMs());
      }
      writer.write(clock.nowMs());
    }
  } finally {
    clearInterval(writing);
  }
  return summary;
}
