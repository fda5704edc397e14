import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datagramLimits, readDatagram, unreadableReasons } from '#tlsrpt/datagram.ts';
import type { DatagramReading } from '#tlsrpt/datagram.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import type { FailureDetails, PolicyOutcome, Session } from '#tlsrpt/session.ts';

/** What libtlsrpt allows a sender to put on the wire: 300 kB fail with EMSGSIZE. */
const LARGEST_DATAGRAM = 300_000;

const unreadable = (
  [
    ['not-json', ''],
    ['not-json', '{"d": "a.example"'],
    ['not-json', '[['.repeat(100_000)],
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

describe('an odd datagram', () => {
  it.each([
    ['an unknown policy type', { 'policy-type': 7 }, 'no-policy-found'],
    ['a policy type in words', { 'policy-type': 'sts' }, 'no-policy-found'],
    ['no policy type', {}, 'no-policy-found'],
    ['tlsa', { 'policy-type': 1 }, 'tlsa'],
    ['sts', { 'policy-type': 2 }, 'sts'],
  ])('with %s is read', (_, policy, type) => {
    expect(outcomeOf(policy).policy.type).toBe(type);
  });

  it.each([
    ['f is 0', { f: 0 }, true],
    ['f is 0 and failures were recovered from', { f: 0, 'failure-details': [{ c: 201 }] }, true],
    ['f is 1', { f: 1 }, false],
    ['f is 7', { f: 7 }, false],
    ['f is negative', { f: -1 }, false],
    ['f is a string', { f: '0' }, false],
    ['f is false', { f: false }, false],
    ['f is missing and nothing failed', {}, true],
    ['f is missing and something failed', { 'failure-details': [{ c: 201 }] }, false],
  ])('counts as it should when %s', (_, policy, successful) => {
    expect(outcomeOf(policy).successful).toBe(successful);
  });

  it('is read by its failures, whatever t says about their number', () => {
    expect(outcomeOf({ t: 5, f: 1, 'failure-details': [{ c: 201 }] }).failures).toHaveLength(1);
    expect(outcomeOf({ t: 0, f: 1, 'failure-details': [{ c: 201 }, { c: 204 }] }).failures).toHaveLength(2);
    expect(outcomeOf({ t: 3, f: 1 }).failures).toHaveLength(0);
  });

  it.each([
    ['an unknown code', { c: 901 }, 'validation-failure', 'libtlsrpt-failure-code-901'],
    ['an unknown code and a reason', { c: 999, f: 'why' }, 'validation-failure', 'why'],
    ['no code', {}, 'validation-failure', 'libtlsrpt-failure-code-missing'],
    ['a code in words', { c: '201' }, 'validation-failure', 'libtlsrpt-failure-code-missing'],
    ['a known code without a reason', { c: 205 }, 'validation-failure', undefined],
    ['a reason that is no text', { c: 201, f: 5 }, 'starttls-not-supported', undefined],
  ])('keeps a failure with %s', (_, failure, resultType, failureReasonCode) => {
    expect(failureOf(failure)).toMatchObject({ resultType, failureReasonCode });
  });

  it.each([
    ['upper case', 'Good.EXAMPLE', 'good.example'],
    ['a trailing dot', 'good.example.', 'good.example'],
    ['U-labels', 'BÜCHER.example', 'xn--bcher-kva.example'],
    ['blanks around it', ' good.example ', 'good.example'],
    ['U-labels and another host behind an @', 'ü@evil.example', 'ü@evil.example'],
    ['U-labels and a path', 'ü.example/x', 'ü.example/x'],
  ])('names its domain with %s', (_, d, domain) => {
    expect(sessionIn({ d, policies: [{}] }).domain).toBe(domain);
  });

  it.each(unreadable)('is $reason: $shown', ({ reason, text }) => {
    expect(readDatagram(Buffer.from(text))).toEqual({ kind: 'unreadable', reason });
  });

  it('gives what it has besides elements that are no policies', () => {
    expect(sessionIn({ d: 'a.example', policies: [5, { 'policy-type': 2 }, null] }).outcomes).toHaveLength(1);
  });

  it('is harmless when it has keys of Object.prototype', () => {
    const text =
      '{"__proto__":{"x":1},"constructor":1,"d":"a.example","policies":[{"__proto__":{"policy-type":2},"f":0}]}';
    const [outcome] = sessionFrom(Buffer.from(text)).outcomes;
    expect(outcome?.policy.type).toBe('no-policy-found');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('loses no field but the one that is not UTF-8', () => {
    const text =
      '{"d":"a.example","policies":[{"f":1,"failure-details":[{"c":205,"n":"mx.example","f":"caf\xe9 \xff"}]}]}';
    expect(sessionFrom(Buffer.from(text, 'latin1')).outcomes[0]?.failures[0]).toMatchObject({
      receivingMxHostname: 'mx.example',
      failureReasonCode: 'caf\ufffd \ufffd',
    });
  });

  it('loses its control characters, lone surrogates and noncharacters', () => {
    const failure = failureOf({ c: 205, f: 'a\u0000\u001b[31m\u009bb\ud800\ufffe\u{1ffff}', n: 'm\tx', a: '\u0007' });
    expect(failure).toMatchObject({
      failureReasonCode: 'a [31m b\ufffd\ufffd\ufffd',
      receivingMxHostname: 'm x',
      additionalInformation: undefined,
    });
  });

  it.each([
    ['is no address', '192.0.2.999', undefined],
    ['is a host name', 'mx.example', undefined],
    ['is not canonical', '2001:DB8:0:0::1', '2001:db8::1'],
    ['has a zone', 'fe80::1%eth0', 'fe80::1'],
  ])('may have an address that %s', (_, s, sendingMtaIp) => {
    expect(failureOf({ c: 201, s }).sendingMtaIp).toBe(sendingMtaIp);
  });

  it('gives no more than the limits allow', () => {
    const long = 'x'.repeat(80_000);
    const { record, outcomes } = sessionIn({
      d: 'a.example',
      pr: long,
      policies: [
        {
          'policy-type': 2,
          'policy-domain': long,
          'policy-string': [long, ...Array<string>(300).fill('y')],
          'mx-host': [long],
          'failure-details': Array(150).fill({ c: 205, s: long, n: long, h: long, r: long, a: long, f: long }),
        },
      ],
    });
    expect(record).toHaveLength(datagramLimits.recordLength);
    expect(outcomes[0]?.failures).toHaveLength(datagramLimits.failures);
    expect(outcomes[0]?.policy.strings).toHaveLength(datagramLimits.policyStrings);
    expectBounded(outcomes);
  });

  it('is read without a long search in its fields', () => {
    // Each of these took a time that grew with the square of the length; a test that hangs is one that fails.
    const ideographs = Array.from({ length: 60_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7) % 20_000))).join(
      '',
    );
    const session = sessionIn({
      d: 'a.example',
      policies: [
        {
          'policy-domain': ideographs,
          'mx-host': [ideographs],
          'failure-details': [{ s: `${'%'.repeat(250_000)}\n` }],
        },
        { 'failure-details': [{ n: ideographs, h: `${' '.repeat(250_000)}x`, r: ':'.repeat(250_000) }] },
      ],
    });
    expectBounded(session.outcomes);
    expect(readDatagram(Buffer.from(JSON.stringify({ d: ideographs, policies: [{}] })))).toMatchObject({
      reason: 'bad-domain',
    });
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

/** I-JSON, and nothing that moves a cursor. JSON.stringify escapes what must not be there. */
function expectKeepable(json: string): void {
  expect(json).not.toMatch(/\\u(00[01]|d[89a-f])|[\p{Cc}\p{Noncharacter_Code_Point}]/iu);
}

function expectBounded(outcomes: readonly PolicyOutcome[]): void {
  for (const { policy, failures } of outcomes) {
    expect(policy.domain.length).toBeLessThanOrEqual(datagramLimits.domainLength);
    expect(policy.strings.length).toBeLessThanOrEqual(datagramLimits.policyStrings);
    expect(policy.mxHosts.length).toBeLessThanOrEqual(datagramLimits.policyStrings);
    for (const host of policy.mxHosts) expect(host.length).toBeLessThanOrEqual(datagramLimits.domainLength);
    for (const line of policy.strings) expect(line.length).toBeLessThanOrEqual(datagramLimits.policyStringLength);
    expect(failures.length).toBeLessThanOrEqual(datagramLimits.failures);
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

function sessionFrom(bytes: Uint8Array): Session {
  expect(bytes.length).toBeLessThan(2 * LARGEST_DATAGRAM);
  const reading = readDatagram(bytes);
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.session;
}

function sessionIn(json: unknown): Session {
  const reading = readDatagram(Buffer.from(JSON.stringify(json)));
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.session;
}

function outcomeOf(policy: object): PolicyOutcome {
  const [outcome] = sessionIn({ d: 'a.example', policies: [policy] }).outcomes;
  if (!outcome) throw new Error('no outcome');
  return outcome;
}

function failureOf(failure: object): FailureDetails {
  const [details] = outcomeOf({ f: 1, 'failure-details': [failure] }).failures;
  if (!details) throw new Error('no failure');
  return details;
}
