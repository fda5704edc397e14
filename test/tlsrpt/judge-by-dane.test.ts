import { describe, expect, it } from 'vitest';
import { judgeByDane } from '#tlsrpt/judge-by-dane.ts';
import type { ShownCertificate } from '#tlsrpt/shown-certificate.ts';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const valid = { validFromMs: Date.UTC(2026, 0, 1), validToMs: Date.UTC(2026, 11, 31) };
const expired = { ...valid, validToMs: Date.UTC(2026, 2, 31) };
const future = { ...valid, validFromMs: Date.UTC(2026, 9, 1) };

function certificate(name: string, more: Partial<ShownCertificate> = {}): ShownCertificate {
  const digests = (what: string): [string, string, string] => [
    `${name} ${what} exact`,
    `${name} ${what} 256`,
    `${name} ${what} 512`,
  ];
  return {
    names: [],
    issuer: '',
    ...valid,
    digests: [digests('whole'), digests('key')],
    isSignedByNext: true,
    ...more,
  };
}

const SELF: TlsaRecord = { usage: 3, selector: 1, matchingType: 1, data: 'own key 256' };
const ISSUER: TlsaRecord = { usage: 2, selector: 0, matchingType: 2, data: 'root whole 512' };
const root = certificate('root', { isSignedByNext: false });
const middle = certificate('middle');

function judge(records: readonly TlsaRecord[], certificates: readonly ShownCertificate[], hasName = true): unknown {
  const verdict = judgeByDane(records, { certificates, hasName }, NOW_MS);
  return verdict.kind === 'trusted' ? verdict.by : verdict.resultType;
}

describe('judgeByDane', () => {
  it.each([
    ['whatever its name and date', certificate('own', expired), false],
    ['as it is', certificate('own'), true],
  ])('trusts the certificate that a record is about, %s', (_what, own, hasName) => {
    expect(judge([SELF], [own], hasName)).toBe(SELF); // RFC 7672 3.1.1
  });

  it('trusts what the issuer that a record is about signed', () => {
    expect(judge([ISSUER], [certificate('own'), middle, root])).toBe(ISSUER);
  });

  it('needs one record that fits', () => {
    expect(judge([{ ...SELF, data: 'old' }, ISSUER, SELF], [certificate('own'), root])).toBe(ISSUER);
  });

  it.each([
    ['another certificate', [SELF], [certificate('new')], 'certificate-not-trusted'],
    [
      'no record that fits the certificate itself, but its issuer',
      [{ ...SELF, data: 'root key 256' }],
      [certificate('own'), root],
      'certificate-not-trusted',
    ],
    ['an issuer that the server does not show', [ISSUER], [certificate('own'), middle], 'certificate-not-trusted'],
    [
      'an issuer that did not sign',
      [ISSUER],
      [certificate('own', { isSignedByNext: false }), root],
      'certificate-not-trusted',
    ],
    ['an expired certificate of the issuer', [ISSUER], [certificate('own', expired), root], 'certificate-expired'],
    ['a certificate of tomorrow', [ISSUER], [certificate('own', future), root], 'certificate-not-trusted'],
  ])('refuses %s', (_what, records, certificates, resultType) => {
    expect(judge(records, certificates)).toBe(resultType);
  });

  it('wants the name of the host where a record is about the issuer', () => {
    expect(judge([ISSUER], [certificate('own'), root], false)).toBe('certificate-host-mismatch'); // RFC 7672 3.1.2
  });
});
