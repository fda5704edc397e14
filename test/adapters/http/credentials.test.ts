import { describe, expect, it } from 'vitest';
import { readCredentials } from '#adapters/http/credentials.ts';
import type { Credentials } from '#adapters/http/credentials.ts';

function credentialsIn(content: string): Credentials {
  const reading = readCredentials(content);
  if (reading.kind === 'unusable') throw new Error(reading.why);
  return reading.credentials;
}

const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

describe('Credentials in a file', () => {
  const credentials = credentialsIn('basic halon:geheim:mit Doppelpunkt\r\n\nbearer abc.def-123\nBasic zoë:ü\n');

  it.each([basic('halon:geheim:mit Doppelpunkt'), 'Bearer abc.def-123', 'bearer abc.def-123', basic('zoë:ü')])(
    'allow %s',
    (header) => {
      expect(credentials.allow(header)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'Basic',
    basic('halon:geheim'),
    basic('halon'),
    basic('abc.def-123'),
    'Bearer abc.def-124',
    'Bearer ',
    'Digest abc.def-123',
    `Bearer ${'a'.repeat(5_000)}`,
  ])('do not allow %s', (header) => {
    expect(credentials.allow(header)).toBe(false);
  });

  it.each([
    ['', 1, 'is the end: the file has none'],
    ['basic a:b\nhalon:secret\n', 2, 'is neither basic USER:PASSWORD nor bearer TOKEN'],
    ['basic halon\n', 1, 'has no colon between user and password'],
  ])('are unusable: %j', (content, line, why) => {
    expect(readCredentials(content)).toEqual({ kind: 'unusable', line, why });
  });
});
