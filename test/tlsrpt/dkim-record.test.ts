import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDkimRecord } from '#tlsrpt/dkim-record.ts';

describe('readDkimRecord', () => {
  it('reads what a signature depends on', () => {
    expect(readDkimRecord('v=DKIM1; k=ed25519; h=sha1 : sha256;\ts=email:tlsrpt; t=y:s; n=a note; p=YW Jj\t;')).toEqual(
      {
        keyType: 'ed25519',
        publicKey: 'YWJj',
        services: ['email', 'tlsrpt'],
        hashes: ['sha1', 'sha256'],
        isTesting: true,
      },
    );
  });

  it('fills in what is left out, as RFC 6376 3.6.1 has it', () => {
    expect(readDkimRecord('p=')).toEqual({
      keyType: 'rsa',
      publicKey: '',
      services: ['*'],
      hashes: undefined,
      isTesting: false,
    });
  });

  it.each([
    '',
    'v=spf1 -all',
    'v=DKIM2; p=YWJj',
    'v=DKIM1; k=rsa',
    'p=YWJj; p=YWJj',
    'a key',
    `p=${'A'.repeat(20_000)}`,
  ])('takes %j for no key', (text) => {
    expect(readDkimRecord(text)).toBeUndefined();
  });

  it('never throws', () => {
    const piece = fc.constantFrom('v=', 'DKIM1', ';', 'p=', '=', ':', ' ', 's', 't=y', '\t');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        readDkimRecord(pieces.join(''));
      }),
    );
  });
});
