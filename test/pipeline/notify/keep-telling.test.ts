import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { keepTelling } from '#pipeline/notify/keep-telling.ts';
import type { NoticeOutcome, NoticeWay } from '#pipeline/notify/notice-way.ts';
import { Store } from '#store/store.ts';
import type { WatchFile } from '#store/watch-book.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

async function bookWith(...ids: readonly string[]): Promise<WatchFile> {
  const { watch } = await Store.open(scratchDirectory());
  watch.open();
  await add(watch, ...ids);
  return watch;
}

function add(watch: WatchFile, ...ids: readonly string[]): Promise<void> {
  return watch.changeInTurn((book) => {
    const ways = ['mail', 'webhook'].map((way) => ({ way, begun: 0 }));
    const pending = ids.map((id) => ({ notice: { id, madeMs: 0, subject: id, text: '', facts: {} }, ways }));
    return { ...book, pending: [...book.pending, ...pending] };
  });
}

function wayThat(name: string, tell: (id: string) => NoticeOutcome | Promise<NoticeOutcome>): NoticeWay {
  return { name, tell: async ({ id }) => tell(id), close: () => Promise.resolve() };
}

const told = (): NoticeOutcome => ({ kind: 'told', reply: 'ok' });

/** Until `isEnough`. */
async function keep(notices: WatchFile, ways: readonly NoticeWay[], isEnough: () => boolean): Promise<string[]> {
  const events: string[] = [];
  const [stopping, ending, clock] = [
    new AbortController(),
    new AbortController(),
    new ManualClock('2026-11-18T12:00:00Z'),
  ];
  const log = ({ name }: LogEvent): void => void events.push(name);
  const look = setInterval(() => {
    if (!isEnough()) return;
    stopping.abort();
    ending.abort();
  }, 1);
  await keepTelling({ notices, ways, log, clock, stop: { stopping: stopping.signal, ending: ending.signal } });
  clearInterval(look);
  return events;
}

describe('keepTelling', () => {
  it('tells what comes by each way, while another one hangs until it is ended', async () => {
    const notices = await bookWith('one');
    const mails: string[] = [];
    const mail = wayThat('mail', (id) => {
      mails.push(id);
      if (id === 'one') void add(notices, 'two');
      return told();
    });
    let isEnded = false;
    const hanging: NoticeWay = {
      ...wayThat('webhook', told),
      tell: (_, ending) =>
        new Promise((resolve) => {
          ending.addEventListener('abort', () => {
            isEnded = true;
            resolve({ kind: 'not-told', why: 'ended' });
          });
        }),
    };
    await keep(notices, [mail, hanging], () => mails.length === 2);
    expect([mails, isEnded]).toEqual([['one', 'two'], true]);
    expect(notices.read().pending.map(({ notice, ways }) => [notice.id, ways.map(({ way }) => way)])).toEqual([
      ['one', ['webhook']],
      ['two', ['webhook']],
    ]);
    notices.close();
  });

  it('tries a way that fails again, and tells each notice once', async () => {
    const notices = await bookWith('one', 'two');
    const tried: string[] = [];
    const webhook = wayThat('webhook', (id) => {
      tried.push(id);
      return tried.length < 3 ? { kind: 'not-told', why: 'refused' } : told();
    });
    const events = await keep(notices, [wayThat('mail', told), webhook], () => notices.read().pending.length === 0);
    expect(tried).toEqual(['one', 'one', 'one', 'two']);
    expect(events.filter((name) => name === 'notice-not-told')).toHaveLength(2);
    notices.close();
  });

  it('keeps no more than twenty for a way that is broken for long', async () => {
    const notices = await bookWith(...Array.from({ length: 30 }, (_, index) => String(index)));
    const events = await keep(notices, [wayThat('mail', () => ({ kind: 'not-told', why: 'refused' }))], () => true);
    expect(notices.read().pending).toHaveLength(20);
    expect(events.filter((name) => name === 'notice-dropped')).toHaveLength(10);
    notices.close();
  });
});
