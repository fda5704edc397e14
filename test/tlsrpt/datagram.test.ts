import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { PolicyOutcome, Session } from '#tlsrpt/session.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/datagrams');
const STS_LINES = 'version: STSv1|mode: enforce|mx: *.mail.company-y.example|max_age: 86400';
const TLSA_3_1_1 = '3 1 1 236831AEEAB41E7BD10DC14320600B245C791B338121383D5A2916F7EF97B49B';

/** A policy as `type domain strings mx`, then what happened as `ok` or `failed` with the result types. */
const libtlsrpt: Record<string, readonly [domain: string, ...outcomes: string[]]> = {
  '001-doc-demo-sts-two-failures': [
    'example.com',
    'sts company-y.example [version: STSv1|mode: testing|mx: *.mail.company-y.example|max_age: 86400] [*.mail.company-y.example] failed: sts-policy-invalid sts-webpki-invalid',
  ],
  '002-doc-ex1-no-policy-null-domain-success': ['example.com', 'no-policy-found unnamed [] [] ok'],
  '003-doc-ex2-tlsa-failure-no-mx': [
    'example.com',
    'tlsa company-y.example [3 0 1 1F850A337E6DB9C609C522D136A475638CC43E1ED424F8EEC8513D747D1D085D|3 0 1 12350A337E6DB9C6123522D136A475638CC43E1ED424F8EEC8513D747D1D1234] [] failed: certificate-expired',
  ],
  '004-doc-ex3-sts-two-mx-patterns': [
    'example.com',
    'sts company-y.example [version: STSv1|mode: testing|mx: *.mail.company-y.example|max_age: 86400] [*.mail.company-y.example|*.mail2.company-y.example] failed: sts-policy-invalid sts-webpki-invalid',
  ],
  '005-doc-ex4-no-policy-starttls-missing': [
    'example.com',
    'no-policy-found unnamed [] [] failed: starttls-not-supported',
  ],
  '006-success-tlsa': [
    'example.com',
    'tlsa mx1.example.com [3 1 1 236831aeeab41e7bd10dc14320600b245c791b338121383d5a2916f7ef97b49b] [] ok',
  ],
  '007-success-sts': ['example.com', `sts example.com [${STS_LINES}] [*.mail.company-y.example] ok`],
  '008-success-sts-minimal-type-and-domain-only': ['example.com', 'sts example.com [] [] ok'],
  '009-success-no-policy-with-domain': ['example.com', 'no-policy-found example.com [] [] ok'],
  '010-empty-policy-domain': ['example.com', 'no-policy-found unnamed [] [] ok'],
  '011-empty-policy-string-and-mx': ['example.com', 'sts example.com [] [] ok'],
  '013-empty-failure-fields': ['example.com', 'sts example.com [] [] failed: validation-failure'],
  '014-fail-201-starttls-not-supported': failing('tlsa', 'starttls-not-supported'),
  '015-fail-202-certificate-host-mismatch': failing('sts', 'certificate-host-mismatch'),
  '016-fail-203-certificate-not-trusted': failing('tlsa', 'certificate-not-trusted'),
  '017-fail-204-certificate-expired': failing('sts', 'certificate-expired'),
  '018-fail-205-validation-failure': failing('tlsa', 'validation-failure'),
  '019-fail-301-sts-policy-fetch-error': failing('sts', 'sts-policy-fetch-error'),
  '020-fail-302-sts-policy-invalid': failing('sts', 'sts-policy-invalid'),
  '021-fail-303-sts-webpki-invalid': failing('sts', 'sts-webpki-invalid'),
  '022-fail-304-tlsa-invalid': failing('tlsa', 'tlsa-invalid'),
  '023-fail-305-dnssec-invalid': failing('tlsa', 'dnssec-invalid'),
  '024-fail-306-dane-required': failing('tlsa', 'dane-required'),
  '025-fail-all-11-codes-in-one-policy': [
    'company-y.example',
    'sts company-y.example [version: STSv1|mode: testing|mx: *.mail.company-y.example|max_age: 86400] [*.mail.company-y.example] failed: starttls-not-supported certificate-host-mismatch certificate-not-trusted certificate-expired validation-failure sts-policy-fetch-error sts-policy-invalid sts-webpki-invalid tlsa-invalid dnssec-invalid dane-required',
  ],
  '031-fail-null-all-optional': ['company-y.example', 'sts unnamed [] [] failed: sts-policy-fetch-error'],
  '033-multi-tlsa-ok-plus-sts-fail': [
    'company-y.example',
    `tlsa mx1.company-y.example [3 1 1 ${'0'.repeat(64)}] [] ok`,
    `sts company-y.example [${STS_LINES}] [*.mail.company-y.example] failed: sts-webpki-invalid`,
  ],
  '034-multi-three-policy-types': [
    'company-y.example',
    'tlsa mx1.company-y.example [2 0 1 AA] [] ok',
    'no-policy-found unnamed [] [] ok', // as its sts policy, of mode none, would be reported
  ],
  '037-multi-sts-fetch-error-then-no-policy-success': [
    'company-y.example',
    'sts company-y.example [] [] failed: sts-policy-fetch-error',
    'no-policy-found unnamed [] [] ok',
  ],
  '038-final-success-with-failures-recovered': [
    'company-y.example',
    `sts company-y.example [${STS_LINES}] [*.mail.company-y.example] ok: certificate-expired starttls-not-supported`,
  ],
  '042-order-mx-before-ps-interleaved': [
    'company-y.example',
    'sts company-y.example [version: STSv1|mode: enforce] [a.example|b.example] failed: validation-failure',
  ],
  '043-duplicate-failures': [
    'company-y.example',
    'sts company-y.example [] [] failed: certificate-expired certificate-expired certificate-expired',
  ],
  '044-chars-quotes-backslash-slash': [
    'ex"ample\\.com',
    'sts quo"te.example [mx: "*.a\\b/c"] ["\\/\'<>&] failed: validation-failure',
  ],
  '045-chars-control-01-1f': ['example.com', 'sts example.com [] [] failed: validation-failure'],
  '046-chars-multiline-ehlo': ['porcupine.example', 'sts porcupine.example [] [] failed: validation-failure'],
  '047-chars-unicode-utf8': [
    'xn--bcher-kva.example',
    'sts xn--r8jz45g.jp [mx: 📧.example] [*.xn--e1afmkfd.xn--p1ai] failed: certificate-host-mismatch',
  ],
  '052-domain-uppercase-trailing-dot': [
    'company-y.example',
    `sts company-y.example [${STS_LINES}] [*.mail.company-y.example] ok`,
  ],
  '053-domain-idna-alabel': ['xn--bcher-kva.example', 'tlsa xn--bcher-kva.example [] [] ok'],
  '055-pr-multi-rua': ['example.com', 'no-policy-found unnamed [] [] ok'],
  '057-long-policy-string-10000': ['example.com', `sts example.com [${'x'.repeat(10_000)}] [] ok`],
};

const postfix: typeof libtlsrpt = {
  '01-no-policy-success': ['good.example', 'no-policy-found good.example [] [] ok'],
  '02-no-policy-starttls-not-supported': [
    'plain.example',
    'no-policy-found plain.example [] [] failed: starttls-not-supported',
  ],
  '03-sts-success': [
    'ok.example',
    'sts ok.example [version: STSv1|mode: enforce|mx: mx.good.example|max_age: 604800] [mx.good.example] ok',
  ],
  '04-sts-certificate-host-mismatch': [
    'sts.example',
    'sts sts.example [version: STSv1|mode: enforce|mx: mx.sts.example|max_age: 604800] [mx.sts.example] failed: certificate-host-mismatch',
  ],
  '05-sts-policy-fetch-error': ['fetch.example', 'sts fetch.example [] [] failed: sts-policy-fetch-error'],
};

function failing(type: 'tlsa' | 'sts', resultType: string): readonly [string, string] {
  const policy = type === 'tlsa' ? `[${TLSA_3_1_1}] []` : `[${STS_LINES}] [*.mail.company-y.example]`;
  return ['company-y.example', `${type} company-y.example ${policy} failed: ${resultType}`];
}

const folders = {
  'libtlsrpt-0.5.1': libtlsrpt,
  'libtlsrpt-0.5.0rc1': libtlsrpt,
  'postfix-3.10.13': postfix,
} as const;

describe.each(Object.entries(folders))('a datagram of %s', (folder, expected) => {
  const names = readdirSync(join(FIXTURES, folder)).map((file) => file.replace('.json', ''));

  it.each(names.filter((name) => name !== '012-empty-d-and-pr'))('reads %s', (name) => {
    const [domain, ...outcomes] = expected[name] ?? [];
    const session = sessionIn(readFixture(folder, name));
    expect([session.domain, ...session.outcomes.map(shown)]).toEqual([domain, ...outcomes]);
  });

  it.each(names)('reads the same from %s whether it has dpv or not', (name) => {
    const json = JSON.parse(readFixture(folder, name).toString()) as Record<string, unknown>;
    expect(readDatagram(bytesOf({ ...json, dpv: '1' }))).toEqual(readDatagram(bytesOf({ ...json, dpv: undefined })));
  });
});

describe('readDatagram', () => {
  it('keeps the record as the MTA read it', () => {
    expect(sessionIn(readFixture('postfix-3.10.13', '01-no-policy-success')).record).toBe(
      'v=TLSRPTv1; rua=mailto:tls@good.example,https://rua.good.example/r',
    );
  });

  it('makes no TLSRPT record of one that has a blank before its version', () => {
    for (const blank of [' ', '\t', '\r\n']) {
      const pr = `${blank}v=TLSRPTv1;rua=mailto:tls@a.example`;
      const { record } = sessionIn(bytesOf({ d: 'a.example', pr, policies: [{ f: 0 }] }));
      expect(readTlsrptRecord(record ?? '')).toMatchObject({ kind: 'invalid' });
    }
  });

  it('reads everything that the MTA knew about a failure', () => {
    const session = sessionIn(readFixture('libtlsrpt-0.5.1', '014-fail-201-starttls-not-supported'));
    expect(session.outcomes[0]?.failures).toEqual([
      {
        resultType: 'starttls-not-supported',
        sendingMtaIp: '2001:db8:abcd:12::1',
        receivingMxHostname: 'mx1.mail.company-y.example',
        receivingMxHelo: 'mx1-helo.mail.company-y.example',
        receivingIp: '203.0.113.56',
        additionalInformation: 'https://reports.company-x.example/info?id=5065427c&x=1#frag',
        failureReasonCode: 'X509_V_ERR_TEST',
      },
    ]);
  });

  it('takes empty fields of a failure for unknown', () => {
    const session = sessionIn(readFixture('libtlsrpt-0.5.1', '013-empty-failure-fields'));
    expect(session.outcomes[0]?.failures).toEqual([
      {
        resultType: 'validation-failure',
        sendingMtaIp: undefined,
        receivingMxHostname: undefined,
        receivingMxHelo: undefined,
        receivingIp: undefined,
        additionalInformation: undefined,
        failureReasonCode: undefined,
      },
    ]);
  });

  it('cuts the name out of a multi-line EHLO reply', () => {
    const session = sessionIn(readFixture('libtlsrpt-0.5.1', '046-chars-multiline-ehlo'));
    expect(session.outcomes[0]?.failures[0]?.receivingMxHelo).toBe('spike.porcupine.example');
  });

  it('has no use for a datagram that names no domain', () => {
    expect(readDatagram(readFixture('libtlsrpt-0.5.1', '012-empty-d-and-pr'))).toEqual({
      kind: 'unreadable',
      reason: 'no-domain',
    });
  });
});

function shown({ policy, successful, failures }: PolicyOutcome): string {
  const result = [successful ? 'ok' : 'failed', ...failures.map(({ resultType }) => resultType)].join(' ');
  const { type, domain, strings, mxHosts } = policy;
  return `${type} ${domain || 'unnamed'} [${strings.join('|')}] [${mxHosts.join('|')}] ${result.replace(' ', ': ')}`;
}

function sessionIn(bytes: Uint8Array): Session {
  const reading = readDatagram(bytes);
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.session;
}

function readFixture(folder: string, name: string): Buffer {
  return readFileSync(join(FIXTURES, folder, `${name}.json`));
}

function bytesOf(json: unknown): Buffer {
  return Buffer.from(JSON.stringify(json));
}
