import { describe, expect, it } from 'vitest';
import { contentMark } from '#pipeline/report/content-mark.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const [ONE, TWO, THREE] = [identityOf('1'), identityOf('2'), identityOf('3')];
const [A, B] = [makeDatagram({ domain: 'a.example' }), makeDatagram({ domain: 'b.example' })];

function identityOf(digit: string): string {
  return `${digit.repeat(8)}-1111-4111-8111-111111111111`;
}

function markOf({ store }: CollectedDays): string | undefined {
  return contentMark({ store, day: DAY });
}

describe('contentMark', () => {
  it('is none where there are no sessions', async () => {
    const days = await CollectedDays.make();
    expect(markOf(days)).toBeUndefined();
    days.collect([]);
    expect(markOf(days)).toBeUndefined();
  });

  it('is the same for the same sessions, wherever they were collected and in whatever order they were fetched', async () => {
    const [one, two] = [await CollectedDays.make(ONE), await CollectedDays.make(TWO)];
    one.collect([A]);
    one.fetch('/two', [A, B], { origin: TWO });
    one.fetch('/three', [B], { origin: THREE });
    two.fetch('/three', [B], { origin: THREE });
    two.collect([A, B]);
    two.fetch('/one', [A], { origin: ONE });
    expect(markOf(one)).toMatch(/^.{32}$/);
    expect(markOf(two)).toBe(markOf(one));
  });

  it('is another one when more came, or it came to another host', async () => {
    const days = await CollectedDays.make(ONE);
    days.collect([A]);
    const first = markOf(days);
    days.collect([A]);
    const second = markOf(days);
    const elsewhere = await CollectedDays.make(TWO);
    elsewhere.collect([A, A]);
    expect(new Set([first, second, markOf(elsewhere)]).size).toBe(3);
  });
});
