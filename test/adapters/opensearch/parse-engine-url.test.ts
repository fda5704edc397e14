import { describe, expect, it } from 'vitest';
import { isEngineUrl, parseEngineUrl } from '#adapters/opensearch/parse-engine-url.ts';

describe('parseEngineUrl', () => {
  it.each([
    ['opensearch+https://search.example:9200/tlsrpt', 'published', 'https://search.example:9200/', 'tlsrpt'],
    ['OpenSearch+HTTPS://Search.Example:9200/tlsrpt/', 'published', 'https://search.example:9200/', 'tlsrpt'],
    ['elasticsearch+https://search.example/es/tlsrpt', 'published', 'https://search.example/es', 'tlsrpt'],
    ['opensearch+http://[::1]:9200/tlsrpt', 'published', 'http://[::1]:9200/', 'tlsrpt'],
    ['halon+https://search.example:9200/tlsrpt-*', 'halon', 'https://search.example:9200/', 'tlsrpt-*'],
  ])('reads %s', (text, kind, url, index) => {
    const reading = parseEngineUrl(text);
    const { location } = reading.kind === 'location' ? reading : expect.fail(reading.why);
    expect([location.kind, location.url.href, location.index]).toEqual([kind, url, index]);
    expect(parseEngineUrl(location.name)).toEqual(reading);
  });

  it.each([
    'opensearch+https://search.example', // no index
    'opensearch+https://user:secret@search.example/tlsrpt',
    'opensearch+https://search.example/a,b',
    'opensearch+https://search.example/tlsrpt-*', // one prefix, no pattern
    'opensearch+https://search.example/_all',
    'opensearch+https://search.example/tlsrpt?x=1',
    'opensearch+ftp://search.example/tlsrpt',
    'halon+https://search.example/-tlsrpt',
  ])('refuses %s, and repeats no secret', (text) => {
    expect(isEngineUrl(text)).toBe(true);
    const reading = parseEngineUrl(text);
    expect(reading).toMatchObject({ kind: 'malformed' });
    expect(JSON.stringify(reading)).not.toContain('secret');
  });
});
