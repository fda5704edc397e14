import { describe, expect, it } from 'vitest';
import { judgeFailure } from '#pipeline/inbound/judge-failure.ts';
import type { FailureNews } from '#pipeline/inbound/judge-failure.ts';
import type { ReportedFailure } from '#pipeline/inbound/reported-failures.ts';
import type { FailureLevel, KnownFailure } from '#store/notices.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TODAY = '2026-03-31' as UtcDay;
const NAME = { policyDomain: 'a.example', policyType: 'sts', resultType: 'certificate-expired', isVerified: true };

/** A reporter, how many days ago, and how many of how many sessions failed. */
type Told = readonly [reporter: string, daysAgo: number, sessions: number, total?: number];

function ago(days: number): UtcDay {
  return daysBefore(TODAY, days);
}

function levelOf([organization, daysAgo, sessions, total = 1_000]: Told): FailureLevel {
  return { organization, verifiedDomain: `${organization}.example`, day: ago(daysAgo), sessions, total };
}

/** Sessions of 0: a report without the failure. */
function judge(told: readonly Told[], known?: KnownFailure, today = TODAY): FailureNews {
  const levels = told.filter(([, , sessions]) => sessions > 0).map(levelOf);
  const seen: ReportedFailure | undefined = levels.length > 0 ? { ...NAME, levels } : undefined;
  const daysOf = ({ organization }: { readonly organization?: string | undefined }): UtcDay[] =>
    told.filter(([reporter]) => reporter === organization).map(([, daysAgo]) => ago(daysAgo));
  return judgeFailure(seen, known, { today, reported: { daysOf } });
}

/** What is known once all of these have been told, one after the other, each with those before it. */
function changesOver(...batches: readonly (readonly Told[])[]): (string | undefined)[] {
  let known: KnownFailure | undefined;
  return batches.map((_, index) => {
    const news = judge(batches.slice(0, index + 1).flat(), known);
    known = news.known;
    return news.change?.change;
  });
}

describe('judgeFailure', () => {
  it('finds new what nobody was told of, with the worst day of each reporter', () => {
    const { change } = judge([
      ['big', 3, 10],
      ['big', 2, 30],
      ['small', 2, 40],
    ]);
    expect(change?.change).toBe('new');
    expect([change?.firstDay, change?.lastDay]).toEqual([ago(3), ago(2)]);
    expect(change?.levels.map(({ organization, sessions }) => [organization, sessions])).toEqual([
      ['small', 40],
      ['big', 30],
    ]);
  });

  it.each<[string, readonly (readonly Told[])[], (string | undefined)[]]>([
    ['the same on the next day', [[['big', 4, 10]], [['big', 3, 10]]], ['new', undefined]],
    ['the same report again', [[['big', 4, 10]], []], ['new', undefined]],
    ['a late report about an earlier day', [[['big', 4, 10]], [['big', 6, 10]]], ['new', undefined]],
    [
      'a third reporter with the same share',
      [
        [
          ['big', 4, 10],
          ['bigger', 4, 20],
        ],
        [['huge', 4, 1_000, 100_000]],
      ],
      ['new', undefined],
    ],
    ['a second reporter that sees few', [[['big', 4, 10]], [['small', 3, 9]]], ['new', undefined]],
    ['twice as many', [[['big', 4, 10]], [['big', 3, 25]]], ['new', undefined]],
    [
      'more of more sessions, the share being the same',
      [[['big', 4, 10]], [['big', 3, 100, 10_000]]],
      ['new', undefined],
    ],
    ['few, though tenfold', [[['big', 4, 1, 100]], [['big', 3, 9, 100]]], ['new', undefined]],
    [
      'days without it, fewer than three',
      [
        [['big', 4, 9]],
        [
          ['big', 3, 0],
          ['big', 2, 0],
        ],
      ],
      ['new', undefined],
    ],
    [
      'days on which others alone report',
      [
        [['big', 5, 9]],
        [
          ['huge', 4, 0],
          ['huge', 3, 0],
          ['huge', 2, 0],
        ],
      ],
      ['new', undefined],
    ],
    ['silence', [[['big', 13, 9]], []], ['new', undefined]],
  ])('says nothing of %s', (_, batches, expected) => {
    expect(changesOver(...batches)).toEqual(expected);
  });

  it('tells once that it has grown, for a reporter that had it and for one that sees it first', () => {
    expect(changesOver([['big', 5, 10]], [['big', 4, 100]], [['big', 3, 100]])).toEqual(['new', 'grown', undefined]);
    expect(changesOver([['big', 5, 10]], [['huge', 4, 900]], [['huge', 3, 900]])).toEqual(['new', 'grown', undefined]);
    const { known } = judge([['big', 5, 10]]);
    expect(judge([['big', 4, 100]], known).change?.before?.sessions).toBe(10);
  });

  it('is hidden from no reporter by what another one makes up', () => {
    expect(
      changesOver(
        [
          ['big', 5, 10],
          ['liar', 5, 999_999, 999_999],
        ],
        [['big', 4, 100]],
      ),
    ).toEqual(['new', 'grown']);
  });

  it('is told when a second sender sees it, whatever the first one made up, and what one after that sees as far as it is more', () => {
    const liar = ['liar', 5, 1e9, 1e9] as const;
    const seen = [[liar], [['big', 5, 10]], [['rare', 5, 12]], [['huge', 4, 500]], [['late', 4, 500]]] as const;
    expect(changesOver(...seen)).toEqual(['new', 'grown', undefined, 'grown', undefined]);
    expect(changesOver([liar], [['small', 5, 9]], [['big', 4, 12]], [['late', 4, 12]])).toEqual([
      'new',
      undefined,
      'grown',
      undefined,
    ]);
    const { known } = judge([liar]);
    expect(judge([liar, ['big', 5, 10]], known).change).toMatchObject({
      before: undefined,
      levels: [{ sessions: 10 }],
    });
  });

  it('is told once to each sender, and never again, however many reporters one makes up', () => {
    const made = Array.from({ length: 60 }, (_, number) => ({
      ...levelOf(['liar', 5, 1e6 + number, 1e9]),
      organization: `Liar ${String(number)}`,
    }));
    const big = levelOf(['big', 5, 10]);
    const judgeLevels = (levels: readonly FailureLevel[], known?: KnownFailure): FailureNews =>
      judgeFailure({ ...NAME, levels }, known, { today: TODAY, reported: { daysOf: () => [] } });
    const first = judgeLevels(made);
    const second = judgeLevels([...made, big], first.known);
    const third = judgeLevels([...made, big], second.known);
    expect([first, second, third].map(({ change }) => change?.change)).toEqual(['new', 'grown', undefined]);
    expect(third.known).toEqual(second.known);
  });

  it('tells once that it is gone, when those that had it report three days without it', () => {
    const clean = [
      ['big', 4, 0],
      ['big', 3, 0],
      ['big', 2, 0],
    ] as const;
    expect(changesOver([['big', 5, 9]], clean, [['big', 1, 0]])).toEqual(['new', 'gone', undefined]);
  });

  it('waits a week at most for the others that had it', () => {
    const both = [
      ['big', 6, 9],
      ['rare', 6, 9],
    ] as const;
    const clean = [
      ['big', 5, 0],
      ['big', 4, 0],
      ['big', 3, 0],
    ] as const;
    expect(changesOver(both, clean, [['rare', 2, 0]])).toEqual(['new', undefined, 'gone']);
    const { known } = judge(both);
    expect(judge([...both, ...clean], known, daysBefore(TODAY, -2)).change?.change).toBe('gone');
  });

  it('finds what was gone new when it comes again, and not when a late report tells of it', () => {
    const before = [
      [['big', 8, 9]],
      [
        ['big', 7, 0],
        ['big', 6, 0],
        ['big', 5, 0],
      ],
    ] as const;
    expect(changesOver(...before, [['late', 6, 9]], [['big', 4, 9]])).toEqual(['new', 'gone', undefined, 'new']);
  });

  it('finds new what nobody reported for two weeks', () => {
    const { known } = judge([['big', 0, 9]], undefined);
    expect(judge([['big', 0, 9]], known && { ...known, lastDay: ago(15) }).change?.change).toBe('new');
  });

  it('does not believe what was noted when the clock was a year ahead', () => {
    const { known } = judge([['big', 2, 9]]);
    expect(judge([['big', 1, 9]], known && { ...known, lastDay: ago(-365) }).change?.change).toBe('new');
  });
});
