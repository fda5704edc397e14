import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingSources, noteFetchResults } from '#store/fetched/fetch-results.ts';
import { sourceFolder } from '#store/fetched/source-folder.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const NEXT_DAY = '2026-11-20' as UtcDay;
const MORNING_MS = Date.UTC(2026, 10, 20, 6);
const ASKED = { day: DAY, nowMs: MORNING_MS };
/** When the day was over. */
const askedAt = '2026-11-20T00:00:00.000Z';

function makeState(): StateDirectory {
  return new StateDirectory(join(scratchDirectory(), 'state'));
}

function keep(state: StateDirectory, source: string): void {
  const file = `${state.fetchedStem(sourceFolder(source), DAY)}.sqlite`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'a day');
}

describe('missingSources', () => {
  it('names those that are expected when nothing has been fetched', () => {
    expect(missingSources(makeState(), ASKED, ['/mx1', '/mx2'])).toEqual(['/mx1', '/mx2']);
  });

  it('leaves out those whose day is here', () => {
    const state = makeState();
    keep(state, '/mx1');
    expect(missingSources(state, ASKED, ['/mx1', '/mx2'])).toEqual(['/mx2']);
  });

  it('leaves out those that have nothing, or lead to what is counted already', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [
      { source: '/mx1', result: 'absent', askedAt },
      { source: '/mx2', result: 'same-origin' },
    ]);
    expect(missingSources(state, ASKED, ['/mx1', '/mx2'])).toEqual([]);
  });

  it.each([
    ['before the day was over', { askedAt: '2026-11-19T23:59:59.999Z' }],
    ['by a clock that was ahead', { askedAt: '2026-11-20T06:00:00.001Z' }],
    ['nobody knows when', {}],
    ['at a time that is none', { askedAt: 'yesterday' }],
    ['for what there was so far', { askedAt, partial: true }],
  ])('names one that had nothing when it was asked %s', (_, asked) => {
    const state = makeState();
    noteFetchResults(state, DAY, [{ source: '/mx1', result: 'absent', ...asked }]);
    expect(missingSources(state, ASKED, [])).toEqual(['/mx1']);
  });

  it('names one of which only a part led to what is counted already', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [{ source: '/mx1', result: 'same-origin', askedAt, partial: true }]);
    expect(missingSources(state, ASKED, [])).toEqual(['/mx1']);
  });

  it('names those that were asked in vain, also when nobody expects them', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [
      { source: '/mx1', result: 'unreachable', why: 'no route' },
      { source: '/mx2', result: 'not-closed' },
    ]);
    expect(missingSources(state, ASKED, [])).toEqual(['/mx1', '/mx2']);
  });

  describe('with a source that nobody expects and that was refused', () => {
    it('does not name it: it may be a typing error', () => {
      const state = makeState();
      noteFetchResults(state, DAY, [{ source: '/typo', result: 'refused' }]);
      expect(missingSources(state, ASKED, [])).toEqual([]);
      expect(missingSources(state, ASKED, ['/typo'])).toEqual(['/typo']);
    });

    it('names it when days of it are here', () => {
      const state = makeState();
      keep(state, '/mx1');
      noteFetchResults(state, NEXT_DAY, [{ source: '/mx1', result: 'refused' }]);
      expect(missingSources(state, { day: NEXT_DAY, nowMs: MORNING_MS }, [])).toEqual(['/mx1']);
    });
  });

  it('names one whose day has been removed', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [{ source: '/mx1', result: 'fetched' }]);
    expect(missingSources(state, ASKED, [])).toEqual(['/mx1']);
  });
});

describe('noteFetchResults', () => {
  it('replaces what a later run has news about, and nothing else', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [
      { source: '/mx1', result: 'unreachable' },
      { source: '/mx2', result: 'unreachable' },
    ]);
    noteFetchResults(state, DAY, [{ source: '/mx1', result: 'absent', askedAt }]);
    expect(missingSources(state, ASKED, [])).toEqual(['/mx2']);
  });

  it('takes the first answer of a source that was named twice', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [
      { source: '/mx1', result: 'unreachable' },
      { source: '/mx1', result: 'same-origin' },
    ]);
    expect(missingSources(state, ASKED, [])).toEqual(['/mx1']);
  });

  it('keeps the days apart', () => {
    const state = makeState();
    noteFetchResults(state, DAY, [{ source: '/mx1', result: 'unreachable' }]);
    expect(missingSources(state, { day: '2026-11-18' as UtcDay, nowMs: MORNING_MS }, [])).toEqual([]);
    expect(state.fetchResultDays()).toEqual([DAY]);
  });

  it.each(['', '[]', '{"mx1":"fetched"}', '{"mx1":{"result":"odd"}}'])(
    'knows of nobody from a file that says %j, waits for those who are expected, and writes it anew',
    (text) => {
      const state = makeState();
      noteFetchResults(state, DAY, []);
      writeFileSync(state.fetchResultsFile(DAY), text);
      expect(missingSources(state, ASKED, ['/mx1'])).toEqual(['/mx1']);
      noteFetchResults(state, DAY, [{ source: '/mx1', result: 'absent', askedAt }]);
      expect(missingSources(state, ASKED, ['/mx1'])).toEqual([]);
    },
  );
});
