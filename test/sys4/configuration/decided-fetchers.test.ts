import { describe, expect, it } from 'vitest';
import { isAbout } from '#sys4/configuration/decided-fetchers.ts';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';

describe('isAbout', () => {
  it.each([
    ['/opt/fetch  mx1', '/opt/fetch mx1'],
    ["fetch 'a'", "fetch 'a'"],
    ["'fetch' mx1", 'fetch mx1'],
    ['fetch --password *** mx1', 'fetch --password hunter2 mx1'],
    ['fetch --password hunter2 mx1', 'fetch --password hunter2 mx1'],
  ])('finds that %s is about %s', (command, fetcher) => {
    expect(isAbout({ reads: 'own', command }, wordsOf(fetcher))).toBe(true);
  });

  it.each([
    ['/opt/fetch', '/opt/fetch mx1'],
    ['/opt/fetch mx1', '/opt/fetch'],
    ['fetch', '/opt/fetch'],
    ["'fetch mx1'", 'fetch mx1'],
    ['', 'fetch'],
  ])('finds that %s is not about %s', (command, fetcher) => {
    expect(isAbout({ reads: 'own', command }, wordsOf(fetcher))).toBe(false);
  });
});
