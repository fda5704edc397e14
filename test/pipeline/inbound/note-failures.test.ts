import { describe, expect, it } from 'vitest';
import type { FailureChange } from '#pipeline/inbound/judge-failure.ts';
import { noteFailures } from '#pipeline/inbound/note-failures.ts';
import type { NotingOptions } from '#pipeline/inbound/note-failures.ts';
import { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import { unverifiedFile } from '#tlsrpt/verification.ts';
import { entryToPack, verified } from '#test/support/inbound-entries.ts';
import { documentAbout } from '#test/support/noticed-reports.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TODAY = '2026-03-31' as UtcDay;
const YESTERDAY = daysBefore(TODAY, 1);

function fail(problem: Problem): never {
  throw problem;
}

interface Wish {
  readonly day?: UtcDay;
  readonly sessions?: number;
  readonly isVerified?: boolean;
  readonly domain?: string;
}

async function keep(
  store: Store,
  { day = YESTERDAY, sessions = 50, isVerified = true, domain = 'a.example' }: Wish = {},
): Promise<void> {
  const text = JSON.stringify(documentAbout(day, sessions)).replaceAll('a.example', domain);
  const document: unknown = JSON.parse(text);
  const verification = isVerified ? verified : unverifiedFile;
  const entry = entryToPack({ document, verification, place: { day }, periodDay: day });
  await store.inbound.save([store.inbound.pack(entry)], fail);
}

/** What the notice says that is made, as `CHANGE DOMAIN`, in parentheses where it is not verified; undefined where none is. */
async function noted(store: Store, options: Partial<NotingOptions> = {}): Promise<string[] | undefined> {
  let told: string[] | undefined;
  const wordsOf = ({ change, policyDomain, isVerified }: FailureChange): string =>
    isVerified ? `${change} ${policyDomain}` : `(${change} ${policyDomain})`;
  await noteFailures({
    store,
    today: TODAY,
    verifiedOnly: false,
    ways: ['mail'],
    noticeOf: (changes) => {
      told = changes.map(wordsOf);
      return { id: String(Math.random()), madeMs: 0, subject: '', text: '', facts: {} };
    },
    heldBack: () => undefined,
    leftOut: () => undefined,
    note: fail,
    ...options,
  });
  return told;
}

describe('noteFailures', () => {
  it('makes one notice of all that is new, which waits to be told, and none of the same again', async () => {
    const store = await Store.open(scratchDirectory());
    await keep(store);
    await keep(store, { domain: 'b.example', sessions: 70 });
    expect(await noted(store)).toEqual(['new b.example', 'new a.example']);
    expect(await noted(store)).toBeUndefined();
    expect(store.notices.read().pending.map(({ ways }) => ways)).toEqual([[{ way: 'mail', begun: 0 }]]);
  });

  it('says nothing of what was reported about days long ago', async () => {
    const store = await Store.open(scratchDirectory());
    await keep(store, { day: daysBefore(TODAY, 15) });
    expect(await noted(store)).toBeUndefined();
  });

  it('keeps strangers apart: what they say comes last, says nothing beside others, and hides nothing from them', async () => {
    const store = await Store.open(scratchDirectory());
    await keep(store, { isVerified: false, sessions: 900 });
    expect(await noted(store)).toEqual(['(new a.example)']);
    await keep(store, { domain: 'b.example', isVerified: false, sessions: 999 });
    await keep(store, { day: daysBefore(TODAY, 2), sessions: 20 });
    expect(await noted(store)).toEqual(['new a.example', '(new b.example)']);
    await keep(store, { day: daysBefore(TODAY, 3), isVerified: false, sessions: 990 });
    expect(await noted(store)).toBeUndefined();
  });

  it('looks at verified reports alone where that is asked for', async () => {
    const store = await Store.open(scratchDirectory());
    await keep(store, { isVerified: false });
    expect(await noted(store, { verifiedOnly: true })).toBeUndefined();
  });

  it('lets strangers make three notices a day, says what waits, and makes a notice of that on the next day', async () => {
    const store = await Store.open(scratchDirectory());
    const heldBack: number[] = [];
    for (let number = 1; number <= 5; number += 1) {
      await keep(store, { isVerified: false, domain: `made-up-${String(number)}.example` });
      await noted(store, { heldBack: (changes) => heldBack.push(changes) });
    }
    expect([store.notices.read().pending.length, heldBack]).toEqual([3, [1, 2]]);
    await keep(store);
    expect(await noted(store)).toEqual(['new a.example', '(new made-up-4.example)', '(new made-up-5.example)']);
    await keep(store, { isVerified: false, domain: 'made-up-6.example' });
    expect(await noted(store)).toBeUndefined();
    expect(await noted(store, { today: daysBefore(TODAY, -1) })).toEqual(['(new made-up-6.example)']);
  });

  it('changes nothing where the clock was wrong for a while', async () => {
    const store = await Store.open(scratchDirectory());
    await keep(store);
    await noted(store);
    expect(await noted(store, { today: daysBefore(TODAY, -400) })).toBeUndefined();
    expect(await noted(store, { today: daysBefore(TODAY, 400) })).toBeUndefined();
    expect(await noted(store)).toBeUndefined();
  });

  it('notes a bounded number of failures, whatever strangers make up', async () => {
    const store = await Store.open(scratchDirectory());
    const [policy] = documentAbout(YESTERDAY, 5)['policies'] as [Record<string, unknown>];
    const detailsOf = (number: number): unknown => ({
      'result-type': `type-${String(number)}`,
      'failed-session-count': 1,
    });
    const details = Array.from({ length: 900 }, (_, number) => detailsOf(number));
    const document = { ...documentAbout(YESTERDAY, 5), policies: [{ ...policy, 'failure-details': details }] };
    const entry = entryToPack({ document, place: { day: YESTERDAY }, periodDay: YESTERDAY });
    await store.inbound.save([store.inbound.pack(entry)], fail);
    expect((await noted(store))?.length).toBe(300);
    expect(store.notices.read().failures).toHaveLength(300);
    expect(await noted(store)).toBeUndefined();
    await keep(store);
    expect(await noted(store)).toEqual(['new a.example']);
  });

  it('lets no sender fill the book, whatever names below its domain it signs for, and says what finds no room', async () => {
    const store = await Store.open(scratchDirectory());
    const [policy] = documentAbout(YESTERDAY, 5)['policies'] as [Record<string, unknown>];
    const policyOf = (number: number): unknown => ({
      ...policy,
      policy: { 'policy-type': 'sts', 'policy-domain': `made-up-${String(number)}.example` },
    });
    for (const [index, domain] of ['liar.example', 'a.liar.example'].entries()) {
      const policies = Array.from({ length: 1_000 }, (_, number) => policyOf(index * 1_000 + number));
      const document = { ...documentAbout(YESTERDAY, 5), 'report-id': domain, policies };
      const verification = { ...verified, domain };
      const entry = entryToPack({ document, verification, place: { day: YESTERDAY }, periodDay: YESTERDAY });
      await store.inbound.save([store.inbound.pack(entry)], fail);
    }
    const counts: number[] = [];
    const leftOut = (failures: number): void => void counts.push(failures);
    expect((await noted(store, { leftOut }))?.length).toBe(100);
    await keep(store);
    expect(await noted(store, { leftOut })).toEqual(['new a.example']);
    expect(await noted(store, { leftOut })).toBeUndefined();
    expect(counts).toEqual([1_900, 1_900, 1_900]);
  });
});
