import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PostedAnswer } from '#pipeline/read/posted-queue.ts';
import type { PostedThreadData } from '#pipeline/read/posted-reports-thread.ts';
import { Store } from '#store/store.ts';
import { AnsweringThread } from '#support/answering-thread.ts';
import { systemClock } from '#support/clock.ts';
import { readSqliteWasm } from '#support/embedded-file.ts';
import { startThread } from '#support/thread.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import { bytesOf, soundDocument } from '#test/support/inbound-documents.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const DEADLINE_MS = 60_000;
const YESTERDAY = daysBefore(utcDayOf(systemClock.nowMs()), 1);

function threadOn(path: string, options: Partial<PostedThreadData> = {}): AnsweringThread {
  const data = { path, keepDays: 30, keepFreeBytes: 0, sqliteWasm: readSqliteWasm(), ...options };
  const thread = new AnsweringThread(() => startThread('posted-reports', data), DEADLINE_MS);
  onTestFinished(() => thread.close());
  return thread;
}

async function store(thread: AnsweringThread, ...ids: readonly string[]): Promise<PostedAnswer> {
  const period = { 'start-datetime': `${YESTERDAY}T00:00:00Z`, 'end-datetime': `${YESTERDAY}T23:59:59Z` };
  const posted = ids.map((id) => ({
    from: '192.0.2.1',
    bytes: bytesOf({ ...soundDocument(), 'date-range': period, 'report-id': id }),
    mediaType: 'application/tlsrpt+json',
    isPacked: false,
  }));
  const answered = await thread.ask<PostedAnswer>({ kind: 'store', posted });
  return answered.kind === 'answered' ? answered.answer : expect.fail('it was given up');
}

describe('The thread that stores what is posted', () => {
  it('says of each report what became of it', async () => {
    const path = join(scratchDirectory(), 'state');
    const thread = threadOn(path);
    const nothing = { problems: [], removed: [], ageless: [] };
    expect(await store(thread, 'a', 'b')).toEqual({ ...nothing, outcomes: [{ kind: 'stored' }, { kind: 'stored' }] });
    expect(await store(thread, 'b')).toEqual({ ...nothing, outcomes: [{ kind: 'known' }] });
    const { inbound } = await Store.open(path);
    expect([...inbound.entries(YESTERDAY, () => undefined)]).toHaveLength(2);
  });

  it('keeps nobody from a day once it is ended, in order or not', async () => {
    const path = join(scratchDirectory(), 'state');
    const ended = threadOn(path);
    await store(ended, 'a');
    await ended.ask({ kind: 'end' });
    const killed = threadOn(path);
    await store(killed, 'b');
    await killed.close();
    expect(await store(threadOn(path), 'a', 'b', 'c')).toMatchObject({
      outcomes: [{ kind: 'known' }, { kind: 'known' }, { kind: 'stored' }],
    });
  });

  it('says why nothing is stored where others need what is free of the disk', async () => {
    const thread = threadOn(scratchDirectory(), { keepFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(await store(thread, 'a')).toMatchObject({
      outcomes: [{ kind: 'not-stored', code: 'disk-full' }],
      problems: [{ code: 'disk-full', message: expect.stringContaining('serve.reports_keep_free') as string }],
    });
  });
});
