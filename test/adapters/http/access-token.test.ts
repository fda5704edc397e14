import { describe, expect, it } from 'vitest';
import { hasToken } from '#adapters/http/access-token.ts';

const TOKEN = 'f2bd1a6e9c3b4d5e8f70';

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

describe('Whoever has the token', () => {
  it.each([
    [`Bearer ${TOKEN}`, 'as Prometheus sends it'],
    [`bearer   ${TOKEN}`, 'with another case and more blanks'],
    [basic(`anybody:${TOKEN}`), 'as the password of any user'],
    [basic(`:${TOKEN}`), 'as the password of nobody'],
  ])('may ask with %s, %s', (header) => {
    expect(hasToken(TOKEN, header)).toBe(true);
  });

  it.each([
    [undefined, 'nothing'],
    ['', 'an empty header'],
    ['Bearer', 'no token'],
    [`Bearer ${TOKEN}0`, 'more than the token'],
    [`Bearer ${TOKEN.slice(0, -1)}`, 'less of it'],
    [`Bearer ${TOKEN} ${TOKEN}`, 'two'],
    [TOKEN, 'no scheme'],
    [`Digest ${TOKEN}`, 'another scheme'],
    [basic(`${TOKEN}:`), 'it as the user'],
    [`Basic ${TOKEN}`, 'it as the pair'],
    [`Bearer ${'a'.repeat(5_000)}`, 'a header without end'],
  ])('is somebody else with %s: %s', (...[header]: [string | undefined, string]) => {
    expect(hasToken(TOKEN, header)).toBe(false);
  });
});
