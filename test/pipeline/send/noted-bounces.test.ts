import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { NotedBounces } from '#pipeline/send/noted-bounces.ts';
import type { Problem } from '#support/problem.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { DAY, DEFERRED, DELIVERED, MAIL, REFUSED, Sending } from '#test/support/sending.ts';

const NEXT_DAY = '2026-11-20' as UtcDay;

afterEach(healDisk);

interface Noting {
  readonly noted: NotedBounces;
  readonly problems: Problem[];
}

function notingIn({ store, logged, nowMs }: Sending): Noting {
  const problems: Problem[] = [];
  const log = (event: (typeof logged)[number]): unknown => logged.push(event);
  return {
    noted: new NotedBounces({ store, clock: { nowMs: () => nowMs }, log, note: (problem) => problems.push(problem) }),
    problems,
  };
}

/** Of the delivery with that number. */
function bounceOf(sending: Sending, number = 1, changes: Partial<Bounce> = {}, day = DAY): Bounce {
  const [delivery] = sending.store.outboxes.find(day, { numbers: [number], reportIds: [] });
  if (!delivery) throw new Error('there is no such delivery');
  const tokens = [new BounceTokens(sending.store.bounceKey()).of({ day, number }, delivery)];
  const words = '550 5.1.1 no';
  return {
    action: 'failed',
    status: '5.1.1',
    words,
    recipients: [],
    messageIds: [],
    identity: 'x',
    tokens,
    ...changes,
  };
}

async function note(sending: Sending, ...bounces: readonly Bounce[]): Promise<Noting> {
  const noting = notingIn(sending);
  for (const bounce of bounces) await noting.noted.add({ source: 'a mail', bounce });
  await noting.noted.finish();
  return noting;
}

/** Counts the deliveries that are read from the ledger, and how often it is looked where these go. */
function countingWork({ store }: Sending): { rows: number; looks: number } {
  const [work, find] = [{ rows: 0, looks: 0 }, store.outboxes.find.bind(store.outboxes)];
  vi.spyOn(store.outboxes, 'find').mockImplementation((day, sought) =>
    find(day, sought).map((delivery) => {
      work.rows += 1;
      const get = (): string => {
        work.looks += 1;
        return delivery.destination;
      };
      return Object.defineProperty({ ...delivery }, 'destination', { get, enumerable: true });
    }),
  );
  return work;
}

describe('A bounce', () => {
  it('closes the delivery that its address names, with the words of the receiver, and no other', async () => {
    const sending = await Sending.with({ destinations: [MAIL, 'mailto:b@good.example'] });
    await sending.run(DELIVERED);
    const { noted, problems } = await note(sending, bounceOf(sending, 2));
    expect([noted.counts, problems]).toEqual([{ noted: 1, known: 0, unknown: 0, passed: 0, notNoted: 0 }, []]);
    expect(sending.states()).toEqual(['delivered', 'bounced']);
    expect(sending.deliveries()[1]).toMatchObject({
      lastResult: '550 5.1.1 no',
      attempts: 1,
      nextAttemptMs: undefined,
    });
    expect(sending.eventNames()).toContain('report-bounced');
  });

  it('counts once, whatever happened since, and another one of the same delivery is another', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DELIVERED);
    const [first, second] = [bounceOf(sending), bounceOf(sending, 1, { identity: 'y' })];
    const third = bounceOf(sending, 1, { identity: 'z' });
    expect((await note(sending, first, first, second)).noted.counts).toMatchObject({ noted: 1, known: 2 });
    const outbox = sending.store.outboxes.open(DAY);
    outbox.requeue(sending.deliveries(), 0);
    outbox.close();
    expect((await note(sending, first, second)).noted.counts).toMatchObject({ noted: 0, known: 2 });
    expect(sending.states()).toEqual(['queued']);
    await sending.run(DELIVERED);
    expect((await note(sending, first, second)).noted.counts).toMatchObject({ noted: 0, known: 2 });
    expect((await note(sending, third)).noted.counts).toMatchObject({ noted: 1, known: 0 });
  });

  it.each([
    ['was put off, though it was taken in truth', 'bounced', DEFERRED],
    ['was refused', 'refused', REFUSED],
  ])('of a mail that %s: it is %s then', async (_, state, outcome) => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(outcome);
    await note(sending, bounceOf(sending));
    expect(sending.states()).toEqual([state]);
  });

  it.each(['delayed', 'other'] as const)('that tells of a mail that is %s changes nothing', async (action) => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DELIVERED);
    expect((await note(sending, bounceOf(sending, 1, { action }))).noted.counts).toMatchObject({ passed: 1, noted: 0 });
    expect(sending.states()).toEqual(['delivered']);
  });

  it('is of nothing where the key is another, and where the ledger was lost and made anew', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const other = await Sending.with({ destinations: ['mailto:b@good.example'] });
    await sending.run(DELIVERED);
    const bounce = bounceOf(sending);
    writeFileSync(join(other.store.path, 'bounce-key'), Buffer.from(sending.store.bounceKey()).toString('hex'));
    expect((await note(other, bounce)).noted.counts).toMatchObject({ unknown: 1, noted: 0 });
    writeFileSync(join(sending.store.path, 'bounce-key'), '0'.repeat(64));
    expect((await note(sending, bounce)).noted.counts).toMatchObject({ unknown: 1, noted: 0 });
  });

  it('that is made up, with many Message-IDs of a report that there is, costs no more work for each', async () => {
    const reportId = `${DAY}.good.example.${'0'.repeat(32)}@sender.example`;
    const sending = await Sending.with({ destinations: [MAIL, 'mailto:b@good.example'], reportId });
    await sending.run(DELIVERED);
    const forged = Array.from({ length: 100 }, (_, of) => ({
      ...bounceOf(sending, 1, { identity: String(of), tokens: [], recipients: ['tls@good.example'] }),
      messageIds: Array.from({ length: 20 }, (__, at) => {
        const digest = String(of * 20 + at).padStart(12, '0');
        return `<${reportId.replace('@', `.${digest}@`)}>`;
      }),
    }));
    const work = countingWork(sending);
    const { noted, problems } = await note(sending, ...forged);
    expect([noted.counts, problems]).toEqual([{ noted: 0, known: 0, unknown: 100, passed: 0, notNoted: 0 }, []]);
    expect(work.rows).toBe(2);
    expect(work.looks).toBeLessThan(10);
  });

  it('of a day that cannot be written is told as not noted, and those of other days are noted', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], day: NEXT_DAY });
    await sending.run(DELIVERED);
    const bounces = [bounceOf(sending), bounceOf(sending, 1, {}, NEXT_DAY)];
    failDisk({ call: 'openSync', errno: 'ENOSPC', path: `/${DAY}.lock` });
    const { noted, problems } = await note(sending, ...bounces);
    healDisk();
    expect(noted.counts).toMatchObject({ noted: 1, notNoted: 1 });
    expect(problems.map(({ code }) => code)).toEqual(['disk-full']);
    expect([sending.states(), sending.states(NEXT_DAY)]).toEqual([['delivered'], ['bounced']]);
    expect((await note(sending, ...bounces)).noted.counts).toMatchObject({ noted: 1, known: 1 });
  });

  it('tells which sources it could make nothing of, each once: the others are noted, known, or change nothing', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], day: NEXT_DAY });
    await sending.run(DELIVERED);
    const unwritable = bounceOf(sending, 1, {}, NEXT_DAY);
    const bounces = {
      noted: bounceOf(sending),
      known: bounceOf(sending),
      delayed: bounceOf(sending, 1, { action: 'delayed' }),
      stranger: bounceOf(sending, 1, { tokens: [], identity: 'forged' }),
      unwritable,
    };
    const { noted, problems } = notingIn(sending);
    for (const [source, bounce] of Object.entries(bounces)) await noted.add({ source, bounce });
    failDisk({ call: 'openSync', errno: 'ENOSPC', path: `/${NEXT_DAY}.lock` });
    expect([...(await noted.finish())].sort()).toEqual(['stranger', 'unwritable']);
    await noted.add({ source: 'again', bounce: unwritable });
    expect([...(await noted.finish())]).toEqual(['again']);
    expect(problems).toHaveLength(1);
    healDisk();
    await noted.add({ source: 'later', bounce: unwritable });
    expect([...(await noted.finish())]).toEqual([]);
  });

  it('is noted in the ledger also where the addresses cannot be written, which is told', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DELIVERED);
    const bounce = bounceOf(sending);
    failDisk({ call: 'openSync', errno: 'ENOSPC', path: '/destinations.lock' });
    const { noted, problems } = await note(sending, bounce);
    healDisk();
    expect([noted.counts.noted, problems.map(({ code }) => code)]).toEqual([1, ['disk-full']]);
  });

  it('is looked for also where the key or a day is damaged, which is told', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], day: NEXT_DAY });
    await sending.run(DELIVERED);
    const bounces = [bounceOf(sending), bounceOf(sending, 1, {}, NEXT_DAY)];
    const withoutToken = bounceOf(sending, 1, { tokens: [] });
    writeFileSync(join(sending.store.path, 'outbox', `${DAY}.sqlite`), 'x'.repeat(5_000));
    const { noted, problems } = await note(sending, ...bounces);
    expect(noted.counts).toMatchObject({ noted: 1, notNoted: 1 });
    expect(problems).toHaveLength(1);
    writeFileSync(join(sending.store.path, 'bounce-key'), 'x');
    const withoutKey = await note(sending, ...bounces, withoutToken);
    expect(withoutKey.problems.map(({ code }) => code)).toEqual(['store-damaged']);
    expect(withoutKey.noted.counts).toMatchObject({ noted: 0, notNoted: 2, unknown: 1 });
  });
});
