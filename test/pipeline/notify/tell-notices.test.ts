import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import type { NoticeOutcome, NoticeWay } from '#pipeline/notify/notice-way.ts';
import { tellNotices } from '#pipeline/notify/tell-notices.ts';
import { Store } from '#store/store.ts';
import type { Notices } from '#store/notices.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

interface FakeWay extends NoticeWay {
  /** The ids of what it was given. */
  readonly given: string[];
}

function wayThat(name: string, tell: () => NoticeOutcome | Promise<NoticeOutcome>): FakeWay {
  const given: string[] = [];
  return {
    name,
    given,
    tell: async ({ id }) => {
      given.push(id);
      return tell();
    },
    close: () => Promise.resolve(),
  };
}

const told = (): NoticeOutcome => ({ kind: 'told', reply: '250 ok' });
const notTold = (): NoticeOutcome => ({ kind: 'not-told', why: 'connection refused' });

async function noticesWith(...ids: readonly string[]): Promise<Notices> {
  const { notices } = await Store.open(scratchDirectory());
  await add(notices, ...ids);
  return notices;
}

function add(notices: Notices, ...ids: readonly string[]): Promise<void> {
  return notices.changeInTurn((book) => {
    const ways = ['mail', 'webhook'].map((way) => ({ way, begun: 0 }));
    const pending = ids.map((id) => ({ notice: { id, madeMs: 0, subject: id, text: '', facts: {} }, ways }));
    return { ...book, pending: [...book.pending, ...pending] };
  });
}

async function tell(
  notices: Notices,
  ways: readonly NoticeWay[],
  stopping = new AbortController(),
): Promise<{ waiting: number; events: string[] }> {
  const events: string[] = [];
  const log = ({ name, message }: LogEvent): void => void events.push(`${name}: ${message}`);
  const stop = { stopping: stopping.signal, ending: stopping.signal };
  return { waiting: await tellNotices({ notices, ways, log, stop }), events };
}

describe('tellNotices', () => {
  it('tells each notice once by each way, the oldest first', async () => {
    const notices = await noticesWith('one', 'two');
    const ways = [wayThat('mail', told), wayThat('webhook', told)];
    expect((await tell(notices, ways)).waiting).toBe(0);
    expect((await tell(notices, ways)).events).toEqual([]);
    expect(ways.map(({ given }) => given)).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });

  it('leaves a way that fails for the next run, and tells by the others', async () => {
    const notices = await noticesWith('one', 'two');
    const [mail, broken, mended] = [wayThat('mail', told), wayThat('webhook', notTold), wayThat('webhook', told)];
    const { waiting, events } = await tell(notices, [mail, broken]);
    expect([waiting, broken.given, mail.given]).toEqual([2, ['one'], ['one', 'two']]);
    expect(events).toContain(
      'notice-not-told: "one" could not be told by webhook: connection refused. The next run tries again.',
    );
    expect((await tell(notices, [mail, mended])).waiting).toBe(0);
    expect([mail.given, mended.given]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });

  it('tries a way that fails as often as there are runs', async () => {
    const notices = await noticesWith('one');
    const broken = wayThat('webhook', notTold);
    for (let run = 1; run <= 5; run += 1) expect((await tell(notices, [broken])).waiting).toBe(1);
    expect(broken.given).toHaveLength(5);
  });

  it('tells once more, and no more than once, what a run that broke off may have told', async () => {
    const notices = await noticesWith('one');
    const breaking = wayThat('mail', () => Promise.reject(new Error('killed')));
    const webhook = wayThat('webhook', notTold);
    for (let run = 1; run <= 2; run += 1) await tell(notices, [breaking, webhook]).catch(() => undefined);
    const { events } = await tell(notices, [breaking, webhook]);
    expect([breaking.given, webhook.given]).toEqual([['one', 'one'], ['one']]);
    expect(events[0]).toBe(
      'notice-dropped: "one" is not told by mail any more, as two runs were ended while they told it; it may have been told, or not.',
    );
  });

  it('begins nothing more when it is stopped, and what was ended before it can have been told does not count', async () => {
    const notices = await noticesWith('one', 'two');
    for (let run = 1; run <= 3; run += 1) {
      const stopping = new AbortController();
      const hanging = wayThat('mail', () => {
        stopping.abort();
        return notTold();
      });
      const webhook = wayThat('webhook', told);
      expect((await tell(notices, [hanging, webhook], stopping)).waiting).toBe(2);
      expect([hanging.given, webhook.given]).toEqual([['one'], []]);
    }
    const ways = [wayThat('mail', told), wayThat('webhook', told)];
    expect((await tell(notices, ways)).waiting).toBe(0);
    expect(ways.map(({ given }) => given)).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
  });

  it('counts as told what comes to its end while it is stopped', async () => {
    const notices = await noticesWith('one');
    const stopping = new AbortController();
    const slow = wayThat('mail', () => {
      stopping.abort();
      return told();
    });
    expect((await tell(notices, [slow, wayThat('webhook', told)], stopping)).waiting).toBe(1);
    expect(notices.read().pending.map(({ ways }) => ways.map(({ way }) => way))).toEqual([['webhook']]);
  });

  it('tells once more, and no more than once, what was cut off when it may have been told', async () => {
    const notices = await noticesWith('one');
    const cutOff = wayThat('mail', () => ({ kind: 'cut-off', why: 'the run was ended' }));
    const webhook = wayThat('webhook', told);
    const first = await tell(notices, [cutOff, webhook]);
    expect(first.events[0]).toBe(
      'notice-not-told: "one" may have been told by mail, or not: the run was ended. The next run tells it once more.',
    );
    const second = await tell(notices, [cutOff]);
    expect([second.waiting, second.events]).toEqual([
      1,
      [
        'notice-not-told: "one" may have been told by mail, or not: the run was ended. It is not told by that way again.',
      ],
    ]);
    const { waiting, events } = await tell(notices, [cutOff]);
    expect([waiting, cutOff.given, events]).toEqual([0, ['one', 'one'], [expect.stringMatching(/^notice-dropped: /)]]);
  });

  it('tells by the ways that are configured now what waits for one that is not, by none a second time', async () => {
    const notices = await noticesWith('one', 'two');
    const mail = wayThat('mail', told);
    await tell(notices, [mail, wayThat('webhook', notTold)]);
    const corrected = wayThat('webhook of another name', told);
    expect((await tell(notices, [mail, corrected])).waiting).toBe(0);
    expect([mail.given, corrected.given]).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
    expect(notices.read().pending).toEqual([]);
  });

  it('tells as well what is added while it is at it, and leaves it to whoever is', async () => {
    const notices = await noticesWith('one');
    const ways: FakeWay[] = [];
    let others: readonly string[] | undefined;
    const first = wayThat('mail', async () => {
      if (others) return told();
      await add(notices, 'two');
      const another = wayThat('mail', told);
      await tell(notices, [another]);
      others = another.given;
      return told();
    });
    ways.push(first);
    await tell(notices, ways);
    expect([first.given, others]).toEqual([['one', 'two'], []]);
  });

  it('keeps the latest twenty for a way that is broken for long, and says what is dropped', async () => {
    const notices = await noticesWith(...Array.from({ length: 22 }, (_, number) => `notice ${String(number)}`));
    const { waiting, events } = await tell(notices, [wayThat('mail', notTold)]);
    expect([waiting, events.filter((text) => text.startsWith('notice-dropped')).length]).toEqual([20, 2]);
    expect(notices.read().pending[0]?.notice.id).toBe('notice 2');
  });
});
