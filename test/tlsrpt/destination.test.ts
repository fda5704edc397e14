import { describe, expect, it } from 'vitest';
import { destinationKey, readDestination, receiverKey } from '#tlsrpt/destination.ts';
import { readReportingAddress } from '#tlsrpt/reporting-address.ts';

describe('readDestination', () => {
  it('reads reporting addresses', () => {
    expect(readDestination('mailto:tls@a.example')).toEqual(readReportingAddress('mailto:tls@a.example'));
    expect(readDestination('ftp://a.example/')).toMatchObject({ kind: 'unusable' });
  });

  it.each(['directory:/var/reports', 'DIRECTORY:/var/reports/'])('reads a directory: %s', (uri) => {
    expect(readDestination(uri)).toEqual({
      kind: 'address',
      address: { scheme: 'directory', uri: 'directory:/var/reports', path: '/var/reports' },
    });
  });

  it.each([
    ['directory:reports', 'its path does not begin with a slash'],
    ['directory:', 'its path does not begin with a slash'],
    ['directory:/', 'its path does not begin with a slash'],
    ['directory:/a/../etc', 'its path has an empty part, . or .. in it'],
    ['directory:/a//b', 'its path has an empty part, . or .. in it'],
    ['directory:/a/./b', 'its path has an empty part, . or .. in it'],
    ['directory:/a\u0000b', 'its path has control characters'],
    [`directory:/${'a'.repeat(2_000)}`, 'its path is too long'],
  ])('refuses %j', (uri, why) => {
    expect(readDestination(uri)).toMatchObject({ kind: 'unusable', why });
  });

  it('is what no record can name', () => {
    expect(readReportingAddress('directory:/var/reports')).toMatchObject({ kind: 'unusable' });
  });
});

describe('destinationKey', () => {
  it.each([
    ['mailto:tls@A.example', 'mailto:tls@a.example'],
    ['https://a.example:443', 'https://a.example/'],
    ['directory:/var/reports/', 'directory:/var/reports'],
  ])('is the same for %s as for %s', (first, second) => {
    const [a, b] = [first, second].map(readDestination);
    if (a?.kind !== 'address' || b?.kind !== 'address') throw new Error('no destinations');
    expect(destinationKey(a.address)).toBe(destinationKey(b.address));
  });
});

describe('receiverKey', () => {
  const keyOf = (uri: string): string => {
    const reading = readDestination(uri);
    if (reading.kind === 'unusable') throw new Error(reading.why);
    return receiverKey(reading.address);
  };

  it.each([
    ['mailto:a@x.example', 'mailto:A@X.example'],
    ['mailto:a@x.example', 'mailto:%41@x.example'],
    ['https://x.example', 'HTTPS://X.example:443/'],
  ])('is the same for %s and %s', (one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it('differs where a path does', () => {
    expect(keyOf('https://x.example/r')).not.toBe(keyOf('https://x.example/R'));
    expect(keyOf('directory:/r')).not.toBe(keyOf('directory:/R'));
  });
});
