import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeysOf, readDkimKey } from '#adapters/mail/dkim-key.ts';
import { makeEd25519Key, makeRsaKey } from '#test/support/dkim.ts';

describe('the file of a DKIM key', () => {
  it.each([
    ['rsa-sha256', makeRsaKey().pem],
    ['rsa-sha256', makeRsaKey(1_024).pem],
    ['ed25519-sha256', makeEd25519Key().pem],
  ])('is read as one for %s', (algorithm, pem) => {
    expect(readDkimKey('s1', pem)).toMatchObject({ kind: 'key', key: { selector: 's1', algorithm } });
  });

  it('may hold an RSA key in the older form too', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(readDkimKey('s1', pem).kind).toBe('key');
  });

  const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const publicKey = generateKeyPairSync('ed25519').publicKey;
  it.each([
    ['is not a private key in PEM form without a passphrase', ''],
    ['is not a private key in PEM form without a passphrase', 'nonsense'],
    [
      'is not a private key in PEM form without a passphrase',
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ],
    [
      'is not a private key in PEM form without a passphrase',
      ecKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
    ],
    [
      'holds a key of the type ec; DKIM knows rsa and ed25519',
      ecKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ],
    ['holds an RSA key of 768 bits; receivers ignore it', makeRsaKey(768).pem],
  ])('%s', (why, pem) => {
    expect(readDkimKey('s1', pem)).toEqual({ kind: 'unusable', why });
  });

  it.each([
    ['RSA', makeRsaKey()],
    ['Ed25519', makeEd25519Key()],
  ])('tells what stands in DNS for it: %s', (_, { pem, record }) => {
    const reading = readDkimKey('s1', pem);
    if (reading.kind !== 'key') throw new Error(reading.why);
    expect(record.endsWith(`; p=${publicKeysOf(reading.key)[0]}`)).toBe(true);
  });
});
