import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzipText } from '#support/gzip-text.ts';

describe('gzipText', () => {
  it.each([0, 1, 65_535, 65_536, 1_000_000])('gives back a text of %i characters', async (length) => {
    const text = 'ä'.repeat(length);
    expect(gunzipSync(await gzipText(text)).toString('utf8')).toBe(text);
  });

  it('gives the same bytes for the same text', async () => {
    expect((await gzipText('same')).equals(await gzipText('same'))).toBe(true);
  });
});
