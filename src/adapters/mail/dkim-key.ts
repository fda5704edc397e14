/**
 * The private key of one DKIM selector, out of a PEM file, or why it cannot sign.
 *
 * RFC 8301 3 (RSA of 1,024 bits at least), RFC 8463 (Ed25519).
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface DkimKey {
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly key: KeyObject;
}

export type DkimKeyReading =
  { readonly kind: 'key'; readonly key: DkimKey } | { readonly kind: 'unusable'; readonly why: string };

const LEAST_RSA_BITS = 1_024;
const ED25519_BYTES = 32;

export function readDkimKey(selector: string, pem: string): DkimKeyReading {
  const key = privateKeyIn(pem);
  if (key === undefined) return unusable('is not a private key in PEM form without a passphrase');
  if (key.asymmetricKeyType === 'ed25519') return { kind: 'key', key: { selector, algorithm: 'ed25519-sha256', key } };
  if (key.asymmetricKeyType === 'rsa') return rsaKey(selector, key);
  return unusable(`holds a key of the type ${String(key.asymmetricKeyType)}; DKIM knows rsa and ed25519`);
}

/** In base64, as DNS may have it, the usual form first: RFC 6376 3.6.1 says RSAPublicKey, and all publish SubjectPublicKeyInfo; RFC 8463 4. */
export function publicKeysOf({ algorithm, key }: DkimKey): [string, ...string[]] {
  const publicKey = createPublicKey(key);
  const whole = publicKey.export({ type: 'spki', format: 'der' });
  if (algorithm === 'ed25519-sha256') return [whole.subarray(-ED25519_BYTES).toString('base64')];
  return [whole.toString('base64'), publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')];
}

function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // OpenSSL's words help nobody, and might repeat a part of the file
  }
}

function rsaKey(selector: string, key: KeyObject): DkimKeyReading {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_RSA_BITS) return unusable(`holds an RSA key of ${String(bits)} bits; receivers ignore it`);
  return { kind: 'key', key: { selector, algorithm: 'rsa-sha256', key } };
}

function unusable(why: string): DkimKeyReading {
  return { kind: 'unusable', why };
}
