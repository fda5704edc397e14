import { describe, expect, it } from 'vitest';
import { NoticeBudget } from '#pipeline/watch/notice-budget.ts';
import type { IncidentNews } from '#store/watch-book.ts';

const MINUTE_MS = 60_000;

function news(domain: string): IncidentNews {
  return { change: 'begun', atMs: 0, incident: { kind: 'failing', domain, sinceMs: 0, failed: 5, successful: 0 } };
}

function at(minutes: number, jumpMs = 0): { nowMs: number; steadyMs: number } {
  return { nowMs: 1_000_000_000_000 + minutes * MINUTE_MS + jumpMs, steadyMs: 5_000_000 + minutes * MINUTE_MS };
}

describe('The notices of an hour', () => {
  it('are no more than there may be, whatever comes, and tell all of it', () => {
    const budget = new NoticeBudget(4, [], [], at(0));
    const made: number[] = [];
    const told = new Set<string>();
    for (let minute = 0; minute < 600; minute += 1) {
      const came = minute < 300 ? [news(`a${String(minute)}`), news(`b${String(minute)}`)] : [];
      const { single, summed, uncounted } = budget.take(came, at(minute));
      for (const { incident } of [...single, ...summed]) told.add(incident.domain);
      const notices = single.length + (summed.length > 0 ? 1 : 0);
      for (let notice = 0; notice < notices; notice += 1) made.push(minute);
      expect(uncounted).toBe(0);
    }
    expect(told.size).toBe(600);
    expect(budget.held()).toEqual([]);
    for (const minute of made)
      expect(made.filter((other) => other >= minute && other < minute + 60).length).toBeLessThanOrEqual(4);
  });

  it('say how many more there were where too much waits', () => {
    const budget = new NoticeBudget(1, [], [], at(0));
    budget.take(
      Array.from({ length: 700 }, (_, index) => news(String(index))),
      at(0),
    );
    const { summed, uncounted } = budget.take([], at(10));
    expect([summed.length, uncounted]).toEqual([500, 200]);
  });

  it('are counted over a restart, and whatever the clock says', () => {
    const first = new NoticeBudget(3, [], [], at(0));
    first.take([news('a'), news('b'), news('c'), news('d')], at(0));
    for (const jumpMs of [0, -86_400_000, 30 * 86_400_000]) {
      const again = new NoticeBudget(3, first.madeMs(at(10)), first.held(), at(10, jumpMs));
      const { single, summed } = again.take([news('e')], at(10, jumpMs));
      const isForgotten = jumpMs > 0; // for all that is known an hour has passed
      expect([single.length, summed.length]).toEqual([0, 3]);
      expect(again.madeMs(at(10, jumpMs))).toHaveLength(isForgotten ? 1 : 3);
    }
  });
});
