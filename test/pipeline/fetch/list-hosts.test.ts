import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isHostOf } from '#pipeline/fetch/list-hosts.ts';
import type { CopyFailure, StateSource } from '#pipeline/fetch/state-source.ts';
import { DAY, FetchFixture, MORNING_MS } from '#test/support/fetch-fixture.ts';

const PLACE = 'opensearch+https://search.example/tlsrpt';
const busy: CopyFailure = { kind: 'unreachable', why: 'it is busy' };

describe('listHosts', () => {
  let fixture: FetchFixture;

  beforeEach(async () => {
    fixture = await FetchFixture.make();
  });
  afterEach(() => {
    fixture.remove();
  });

  function place(hosts: readonly StateSource[] | CopyFailure): StateSource {
    const result = 'kind' in hosts ? hosts : ({ kind: 'absent' } as const);
    return { name: PLACE, hosts: () => Promise.resolve(hosts), copyDay: () => Promise.resolve(result) };
  }

  function missing(): string[] {
    return fixture.store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [PLACE]);
  }

  it('has each host fetched as a source of its own, and waits for those that are missing', async () => {
    const there = { ...fixture.hostWith('mx1', { closed: true }), name: `${PLACE}#mx1` };
    const away: StateSource = { name: `${PLACE}#mx2`, copyDay: () => Promise.resolve(busy) };
    const summary = await fixture.run([place([there, away])]);
    expect(summary.map(({ source, result }) => [source, result])).toEqual([
      [`${PLACE}#mx1`, 'fetched'],
      [`${PLACE}#mx2`, 'unreachable'],
    ]);
    expect(missing()).toEqual([`${PLACE}#mx2`]);
  });

  it('says so where the hosts cannot be found out, and waits for the place', async () => {
    expect((await fixture.run([place(busy)])).map(({ source, result }) => [source, result])).toEqual([
      [PLACE, 'unreachable'],
    ]);
    expect(missing()).toEqual([PLACE]);
  });

  it('takes a place without hosts for one that has nothing', async () => {
    expect((await fixture.run([place([])])).map(({ result }) => result)).toEqual(['absent']);
    expect(missing()).toEqual([]);
  });
});

describe('isHostOf', () => {
  it('goes by the whole name of the place', () => {
    expect(isHostOf(`${PLACE}#mx1`, PLACE)).toBe(true);
    expect(isHostOf(`${PLACE}2#mx1`, PLACE)).toBe(false);
    expect(isHostOf(PLACE, PLACE)).toBe(false);
  });
});
