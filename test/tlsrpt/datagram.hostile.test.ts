import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datagramLimits, readDatagram, unreadableReasons } from '#tlsrpt/datagram.ts';
import type { DatagramReading } from '#tlsrpt/datagram.ts';
import { recordedDatagrams } from '#test/support/datagrams.ts';
import { documentedRows } from '#test/support/documented-rows.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import type { FailureDetails, PolicyOutcome, Session } from '#tlsrpt/session.ts';

/** All different, so that Punycode has the most to do. */
const IDEOGRAPHS = Array.from({ length: 60_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7) % 20_000))).join('');

const unreadable = (
  [
    ['too-large', `{"d":"a.example","policies":[{}]}`.padEnd(262_144)],
    ['not-json', ''],
    ['not-json', '\0\0'],
    ['not-json', '{"d":"a.example","policies":[{}]} and more'],
    ['not-json', '{"d":"a.example","policies":[{}]}\0{}'],
    ['not-json', '{"d": "a.example"'],
    ['not-json', '[['.repeat(10_000)],
    ['too-large', `${'['.repeat(20_001)}${']'.repeat(20_001)}`],
    ['too-large', '{"d":"a.example","policies":['.padEnd(200_000, '{},')],
    ['not-an-object', '5'],
    ['not-an-object', '"text"'],
    ['not-an-object', 'null'],
    ['not-an-object', '[{"d":"a.example"}]'],
    ['no-domain', '{}'],
    ['no-domain', '{"d":"","policies":[{}]}'],
    ['no-domain', '{"d":".","policies":[{}]}'],
    ['no-domain', '{"d":["a.example"],"policies":[{}]}'],
    ['bad-domain', '{"d":"a\\u0000.example","policies":[{}]}'],
    ['bad-domain', '{"d":"a\\r\\nBcc: x.example","policies":[{}]}'],
    ['bad-domain', '{"d":"\\u001b[2Jü.example","policies":[{}]}'],
    ['bad-domain', '{"d":"\\ud800.example","policies":[{}]}'],
    ['bad-domain', '{"d":"a\ufffe.example","policies":[{}]}'],
    ['bad-domain', JSON.stringify({ d: 'a'.repeat(256), policies: [{}] })],
    ['no-policies', '{"d":"a.example"}'],
    ['no-policies', '{"d":"a.example","policies":[]}'],
    ['no-policies', '{"d":"a.example","policies":[5]}'],
    ['no-policies', '{"d":"a.example","policies":[null,[],"x"]}'],
    ['no-policies', '{"d":"a.example","policies":{"policy-type":9}}'],
    ['too-many-policies', JSON.stringify({ d: 'a.example', policies: Array(33).fill({}) })],
    ['no-domain', '{"__proto__":{"d":"a.example","policies":[{}]}}'],
  ] as const
).map(([reason, text]) => ({ reason, text, shown: text.slice(0, 60) }));

describe('a datagram that cannot be used', () => {
  it.each(unreadable)('is $reason: $shown', ({ reason, text }) => {
    expect(readDatagram(Buffer.from(text))).toEqual({ kind: 'unreadable', reason });
  });

  it('is of a kind that docs/operating.md explains, and each kind there is proved here', () => {
    const kinds = documentedRows('kind').map((cell) => cell.replaceAll('`', ''));
    expect(kinds).toEqual([...unreadableReasons, 'too-many-domains', 'lost-in-damage']);
    expect(new Set(unreadable.map(({ reason }) => reason))).toEqual(new Set(unreadableReasons));
  });
});

describe('a datagram without measure', () => {
  it('gives no more than the limits allow', () => {
    const [long, text] = ['x'.repeat(70_000), 'x'.repeat(1_100)];
    const details = { c: 205, s: '1:'.repeat(50), n: 'n', h: 'h', r: 'r', a: 'a', f: 'f' };
    const { record, outcomes } = sessionIn({
      d: 'a.example',
      pr: long,
      policies: [
        {
          'policy-type': 2,
          'policy-domain': text,
          'policy-string': [long, ...Array<string>(300).fill('y')],
          'mx-host': [text, ...Array<string>(300).fill('mx.example')],
          'failure-details': [
            { c: 205, s: text, n: text, h: text, r: text, a: text, f: text },
            ...Array<object>(150).fill(details),
          ],
        },
      ],
    });
    expect(record).toHaveLength(datagramLimits.recordLength);
    expectBounded(outcomes);
  });

  it.each([
    ['a policy domain', { 'policy-domain': IDEOGRAPHS }],
    ['an MX pattern', { 'mx-host': [IDEOGRAPHS] }],
    ['a host name', { 'failure-details': [{ n: IDEOGRAPHS }] }],
    ['a host name of blanks', { 'failure-details': [{ n: `a${' '.repeat(200_000)}b` }] }],
    ['an EHLO reply of blanks', { 'failure-details': [{ h: `${' '.repeat(200_000)}x` }] }],
    ['an address of zones', { 'failure-details': [{ s: `${'%'.repeat(200_000)}\n` }] }],
    ['an address of colons', { 'failure-details': [{ r: ':'.repeat(200_000) }] }],
    ['an address of brackets', { 'failure-details': [{ r: '['.repeat(19_000) }] }],
    ['a reason of marks', { 'failure-details': [{ f: '\u202e'.repeat(80_000) }] }],
    ['a policy line of marks', { 'policy-string': ['\u202e'.repeat(80_000)] }],
  ])('is read without a long search in %s', (_, policy) => {
    // A time that grew with the square of the length would make each of these hang, and a test that hangs is one that fails.
    expectBounded(sessionIn({ d: 'a.example', policies: [policy] }).outcomes);
  });

  it('is rejected without a long search', () => {
    const beforeTheEnd = `{"d":"a.example","policies":[{}]}${'\0'.repeat(200_000)}}`;
    expect(readDatagram(Buffer.from(beforeTheEnd))).toMatchObject({ reason: 'not-json' });
    const domain = JSON.stringify({ d: IDEOGRAPHS, policies: [{}] });
    expect(readDatagram(Buffer.from(domain))).toMatchObject({ reason: 'bad-domain' });
  });
});

describe('whatever arrives', () => {
  it('is read or named unreadable, if it is any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expectSound(readDatagram(bytes));
      }),
    );
  });

  it('is read or named unreadable, if it is any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expectSound(readDatagram(Buffer.from(text)));
      }),
    );
  });

  it('is read or named unreadable, if it is a recorded datagram with something else in one place', () => {
    const recorded = fc.constantFrom(...recordedDatagrams());
    fc.assert(
      fc.property(recorded, fc.nat(), fc.nat(40), fc.uint8Array({ maxLength: 40 }), (bytes, at, length, other) => {
        const from = at % bytes.length;
        expectSound(readDatagram(Buffer.concat([bytes.subarray(0, from), other, bytes.subarray(from + length)])));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is read within bounds, if it has the keys of a datagram and any values', () => {
    fc.assert(
      fc.property(likeADatagram(), (json) => {
        expectSound(readDatagram(Buffer.from(JSON.stringify(json))));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same for the same bytes', () => {
    fc.assert(
      fc.property(likeADatagram(), (json) => {
        const bytes = Buffer.from(JSON.stringify(json));
        expect(readDatagram(bytes)).toEqual(readDatagram(Uint8Array.from(bytes)));
      }),
    );
  });
});

/** The right keys, and values that are right now and then. */
function likeADatagram(): fc.Arbitrary<unknown> {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary', maxLength: 4_000 }),
    fc.ipV6(),
    fc.domain(),
  );
  const any = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() });
  const code = fc.oneof(fc.constantFrom(201, 205, 306, 901), fc.jsonValue());
  const keys = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [] });
  const failure = keys<Record<string, unknown>>({ c: code, s: any, n: any, h: any, r: any, a: any, f: any });
  const texts = fc.oneof(fc.array(any), fc.jsonValue());
  const policy = keys<Record<string, unknown>>({
    'policy-type': fc.oneof(fc.constantFrom(1, 2, 9), fc.jsonValue()),
    'policy-domain': any,
    'policy-string': texts,
    'mx-host': texts,
    'failure-details': fc.oneof(fc.array(failure), fc.jsonValue()),
    t: any,
    f: fc.oneof(fc.constantFrom(0, 1), fc.jsonValue()),
  });
  const policies = fc.oneof({ weight: 5, arbitrary: fc.array(policy) }, { weight: 1, arbitrary: fc.jsonValue() });
  return keys<Record<string, unknown>>({ dpv: any, d: any, pr: any, policies });
}

function expectSound(reading: DatagramReading): void {
  if (reading.kind === 'unreadable') {
    expect(unreadableReasons).toContain(reading.reason);
    return;
  }
  const { domain, record, outcomes } = reading.session;
  expect(domain.length).toBeGreaterThan(0);
  expect(domain.length).toBeLessThanOrEqual(datagramLimits.domainLength);
  expect((record ?? '').length).toBeLessThanOrEqual(datagramLimits.recordLength);
  expect(outcomes.length).toBeGreaterThan(0);
  expect(outcomes.length).toBeLessThanOrEqual(datagramLimits.policies);
  expectBounded(outcomes);
  expectKeepable(JSON.stringify(reading.session));
}

/** I-JSON, and nothing that moves a cursor but a tab. JSON.stringify escapes what must not be there; a backslash of the text itself stands twice. */
function expectKeepable(json: string): void {
  expect(json.replaceAll('\\\\', '')).not.toMatch(/\\u(00[01]|d[89a-f])|[\p{Cc}\p{Noncharacter_Code_Point}]/iu);
}

function expectBounded(outcomes: readonly PolicyOutcome[]): void {
  for (const { policy, failures } of outcomes) {
    expect(policy.domain.length).toBeLessThanOrEqual(datagramLimits.domainLength);
    for (const host of policy.mxHosts) expect(host.length).toBeLessThanOrEqual(datagramLimits.domainLength);
    expect(policy.strings.join('').length).toBeLessThanOrEqual(datagramLimits.sizeBytes);
    failures.forEach(expectBoundedFailure);
  }
}

function expectBoundedFailure(failure: FailureDetails): void {
  expect(resultTypes).toContain(failure.resultType);
  for (const name of [failure.receivingMxHostname, failure.receivingMxHelo])
    expect((name ?? '').length).toBeLessThanOrEqual(datagramLimits.domainLength);
  for (const address of [failure.sendingMtaIp, failure.receivingIp])
    expect((address ?? '').length).toBeLessThanOrEqual(45);
  for (const text of [failure.additionalInformation, failure.failureReasonCode])
    expect((text ?? '').length).toBeLessThanOrEqual(datagramLimits.textLength);
}

function sessionIn(json: unknown): Session {
  const reading = readDatagram(Buffer.from(JSON.stringify(json)));
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.session;
}
