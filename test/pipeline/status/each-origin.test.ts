import { describe, expect, it } from 'vitest';
import { eachOrigin } from '#pipeline/status/each-origin.ts';
import type { Problem } from '#support/problem.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const GOOD = makeDatagram({ domain: 'good.example' });

function fail(problem: Problem): never {
  throw problem;
}

describe('Going through a day', () => {
  it('meets this host first, then the others, each state directory once', async () => {
    const days = await CollectedDays.make('1b4e28ba-2fa1-41d2-883f-0016d3cca427');
    days.collect([GOOD]);
    days.fetch('mx2', [GOOD], { origin: 'second' });
    days.fetch('mx2-again', [GOOD], { origin: 'second' });
    days.fetchPartial('mx3', [GOOD], { origin: 'third' });
    const origins: unknown[] = [];
    eachOrigin(days.store, DAY, fail, ({ identity }) => origins.push(identity?.origin));
    expect(origins).toEqual([days.store.identity(), 'second', 'third']);
  });
});
