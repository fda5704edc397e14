import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import { StateMemory } from '#web/page/state-memory.ts';
import type { MemoryOptions } from '#web/page/state-memory.ts';
import type { StateReader } from '#web/page/state-reader.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { directReader } from '#test/support/shown-state.ts';

const BEFORE = daysBefore(DAY, 1);
const bad = makeDatagram({ domain: 'bad.example', failures: [{ code: 204 }] });

interface Watched {
  readonly memory: StateMemory;
  readonly asked: string[];
}

/** `readMs`: how long it takes to read a day. */
function watch({ store }: CollectedDays, options: Partial<MemoryOptions> & { readonly readMs?: number } = {}): Watched {
  const { readMs = 1, ...others } = options;
  const asked: string[] = [];
  let nowMs = 0;
  const direct = directReader(store);
  const reader: StateReader = {
    ask: async (question) => {
      asked.push([question.kind, 'day' in question ? question.day : []].flat().join(' '));
      if (question.kind === 'seen') nowMs += readMs;
      return direct.ask(question);
    },
    rest: async () => {
      asked.push('rest');
    },
  };
  const times = { nowMs: () => MORNING_MS, steadyMs: () => nowMs };
  const stopping = new AbortController().signal;
  return { memory: new StateMemory({ ...times, reader, quickReader: reader, key: 'key', stopping, ...others }), asked };
}

async function twoDays(): Promise<CollectedDays> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'good.example' }), bad], { day: BEFORE });
  days.collect([bad]);
  return days;
}

describe('What is known of the state directory', () => {
  it('is read once, the newest day first, and again where something has changed', async () => {
    const days = await twoDays();
    const { memory, asked } = watch(days);
    expect(memory.view()).toMatchObject({ lookedMs: undefined, unread: 0 });
    await memory.refresh();
    expect(asked).toEqual(['versions', `seen ${DAY}`, `seen ${BEFORE}`]);
    await memory.refresh();
    expect(asked.slice(3)).toEqual(['versions']);
    days.collect([bad, bad], { day: daysBefore(DAY, 2) });
    await memory.refresh();
    expect(asked.slice(4)).toEqual(['versions', `seen ${daysBefore(DAY, 2)}`]);
    expect(memory.view().seen.size).toBe(3);
  });

  it('is read for all who ask at a time', async () => {
    const { memory, asked } = watch(await twoDays());
    await Promise.all([memory.refresh(), memory.refresh(), memory.refresh()]);
    expect(asked.filter((question) => question === 'versions')).toHaveLength(1);
  });

  it('is not read again and again where that takes long, and gives its memory back', async () => {
    const days = await twoDays();
    const { memory, asked } = watch(days, { readMs: 2_000 });
    await memory.refresh();
    expect(asked.at(-1)).toBe('rest');
    days.collect([bad]);
    await memory.refresh();
    expect(asked.filter((question) => question === `seen ${DAY}`)).toHaveLength(1);
    expect(memory.view().unread).toBe(0);
  });

  it('finds a domain by the indices, and says which days it cannot look through', async () => {
    const days = await twoDays();
    days.fetchPartial('mx2', [bad], { day: daysBefore(DAY, 3) });
    const slow = watch(days, { readMs: 100 });
    await slow.memory.refresh();
    const period = [daysBefore(DAY, 3), BEFORE, DAY];
    const found = await slow.memory.domain('bad.example', period);
    expect(found?.passedOver).toEqual([daysBefore(DAY, 3)]);
    expect(found?.sightings.days.map(({ day, failed }) => [day, failed])).toEqual([
      [BEFORE, 1],
      [DAY, 1],
    ]);
    const quick = watch(days, { readMs: 1 });
    await quick.memory.refresh();
    expect((await quick.memory.domain('bad.example', period))?.sightings.days).toHaveLength(3);
  });

  it('forgets days that were removed', async () => {
    const days = await twoDays();
    const { memory } = watch(days);
    await memory.refresh();
    rmSync(join(days.store.path, 'sessions'), { recursive: true });
    await memory.refresh();
    expect(memory.view().seen.size).toBe(0);
  });

  it('says of a day that reading it was given up', async () => {
    const days = await twoDays();
    const direct = directReader(days.store);
    const reader: StateReader = {
      ask: (question) => (question.kind === 'seen' ? Promise.resolve(undefined) : direct.ask(question)),
      rest: () => Promise.resolve(),
    };
    const { memory } = watch(days, { reader });
    await memory.refresh();
    expect(memory.view().seen.get(DAY)?.problems).toMatchObject([{ code: 'store-not-readable' }]);
  });
});
