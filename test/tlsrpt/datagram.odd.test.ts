/**
 * Every row of the table of odd datagrams in docs/operating.md, under its words there.
 */
import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDatagram } from '#tlsrpt/datagram.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import type { FailureDetails, Policy, PolicyOutcome, Session } from '#tlsrpt/session.ts';
import { documentedRows } from '#test/support/documented-rows.ts';

const rows: Readonly<Record<string, () => void>> = {
  'bytes that are not UTF-8 in a field': () => {
    const details = '{"c":205,"n":"mx.example","a":"caf\xe9 \xff","f":"why"}';
    const text = `{"d":"a.example","pr":"\xfe","policies":[{"f":1,"policy-domain":"b.example","failure-details":[${details}]}]}`;
    const session = sessionFrom(Buffer.from(text, 'latin1'));
    expect(session).toMatchObject({ domain: 'a.example', record: '\ufffd' });
    expect(session.outcomes[0]?.policy.domain).toBe('b.example');
    expect(session.outcomes[0]?.failures[0]).toMatchObject({
      receivingMxHostname: 'mx.example',
      additionalInformation: 'caf\ufffd \ufffd',
      failureReasonCode: 'why',
    });
    const bad = sessionFrom(Buffer.from('{"d":"b\xfcro.example","policies":[{"f":0}]}', 'latin1'));
    expect(bad.domain).toBe('b\ufffdro.example');
  },
  'a byte order mark before the JSON': () => {
    expect(sessionFrom(Buffer.from(`\ufeff${PLAIN}`))).toEqual(plain());
  },
  'NULs, line ends or blanks behind the JSON': () => {
    for (const end of ['\0', '\0\0\0\0', '\n', '\r\n', '\n\0', '  \t'])
      expect(sessionFrom(Buffer.from(PLAIN + end))).toEqual(plain());
  },
  'unknown keys, `__proto__` among them, also deeply nested': () => {
    const deep = `${'['.repeat(6_000)}${']'.repeat(6_000)}`;
    const odd = `"__proto__":{"x":1,"d":"b.example"},"constructor":1,"deep":${deep},`;
    expect(sessionFrom(Buffer.from(PLAIN.replaceAll('{', `{${odd}`)))).toEqual(plain());
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  },
  'a key twice': () => {
    const text = '{"d":"a.example","d":"b.example","policies":[],"policies":[{"f":1,"f":0}]}';
    expect(sessionFrom(Buffer.from(text))).toMatchObject({ domain: 'b.example', outcomes: [{ successful: true }] });
  },
  'no `dpv`, or any other': () => {
    for (const dpv of [undefined, '1', '2', 7, null, {}])
      expect(sessionIn({ ...(JSON.parse(PLAIN) as object), dpv })).toEqual(plain());
  },
  'null, or a value of another type': () => {
    for (const odd of [null, {}, [], true, [[1]], { d: 'a.example' }]) {
      const detail = { c: odd, s: odd, n: odd, h: odd, r: odd, a: odd, f: odd };
      const policy = { 'policy-type': odd, 'policy-domain': odd, 'policy-string': odd, 'mx-host': odd, t: odd };
      const session = sessionIn({ d: 'a.example', pr: odd, policies: [{ ...policy, 'failure-details': [detail] }] });
      expect(session).toEqual(sessionIn({ d: 'a.example', policies: [{ 'failure-details': [{}] }] }));
      expect(sessionIn({ d: 'a.example', policies: [{ 'failure-details': odd }] })).toEqual(
        sessionIn({ d: 'a.example', policies: [{}] }),
      );
    }
    expect(policyOf({ 'policy-string': ['a', null, 5, 'b'], 'mx-host': [['x'], 'mx.example', {}] })).toMatchObject({
      strings: ['a', 'b'],
      mxHosts: ['mx.example'],
    });
  },
  'an empty text': () => {
    const detail = { c: 201, s: '', n: '', h: '', r: '', a: '', f: '' };
    const policy = { 'policy-domain': '', 'policy-string': [''], 'mx-host': [''], 'failure-details': [detail] };
    expect(sessionIn({ d: 'a.example', pr: '', policies: [policy] })).toEqual(
      sessionIn({ d: 'a.example', policies: [{ 'failure-details': [{ c: 201 }] }] }),
    );
    expect(policyOf({ 'policy-type': 1, 'policy-string': ['', '3 1 1 ab', ' '] }).strings).toEqual(['3 1 1 ab']);
  },
  'blank lines in a policy, tabs and blanks around its lines': () => {
    const strings = ['', 'version: STSv1 ', '', '\tmode:\tnone', ' ', 'max_age: 1'];
    expect(policyOf({ 'policy-type': 2, 'policy-string': [...strings, '', ' \t'] }).strings).toEqual(strings);
    expect(policyOf({ 'policy-type': 2, 'policy-string': ['mode: none\r', '\r', 'a\rb\r'] }).strings).toEqual([
      'mode: none',
      '',
      'a b',
    ]);
    expect(policyOf({ 'policy-type': 1, 'policy-string': [' 3 1 1 ab\t'] }).strings).toEqual(['3 1 1 ab']);
  },
  'digits in quotes for a number': () => {
    expect(policyOf({ 'policy-type': '2' }).type).toBe('sts');
    expect([outcomeOf({ f: '0' }).successful, outcomeOf({ f: '1' }).successful]).toEqual([true, false]);
    expect(failureOf({ c: '204' }).resultType).toBe('certificate-expired');
    expect(failureOf({ c: '901' }).failureReasonCode).toBe('libtlsrpt-failure-code-901');
  },
  'a domain with upper case, a trailing dot or blanks around it': () => {
    for (const domain of ['Good.EXAMPLE', 'good.example.', ' good.example\n']) {
      expect(sessionIn({ d: domain, policies: [{}] }).domain).toBe('good.example');
      expect(policyOf({ 'policy-domain': domain, 'mx-host': [domain] })).toMatchObject({
        domain: 'good.example',
        mxHosts: ['good.example'],
      });
      expect(failureOf({ c: 201, n: domain }).receivingMxHostname).toBe('good.example');
    }
  },
  'a domain with U-labels': () => {
    expect(sessionIn({ d: 'BÜCHER.example', policies: [{}] }).domain).toBe('xn--bcher-kva.example');
    expect(policyOf({ 'policy-domain': 'bücher.example.', 'mx-host': ['*.bücher.example'] })).toMatchObject({
      domain: 'xn--bcher-kva.example',
      mxHosts: ['*.xn--bcher-kva.example'],
    });
  },
  'a domain that is no name of a host': () => {
    for (const domain of ['ü@evil.example', 'ü.example/x', '../../etc/passwd', 'a b', '-', '*'])
      expect(sessionIn({ d: domain, policies: [{}] }).domain).toBe(domain);
  },
  'no `pr`, or a blank one': () => {
    expect(sessionIn({ d: 'a.example', pr: ' \t', policies: [{}] }).record).toBeUndefined();
    expect(sessionIn({ d: 'a.example', policies: [{}] })).toMatchObject({ record: undefined, outcomes: [{}] });
  },
  'elements of `policies` or `failure-details` that are no objects': () => {
    const policy = { 'policy-type': 2, 'failure-details': [5, { c: 201 }, null, ['x']] };
    const { outcomes } = sessionIn({ d: 'a.example', policies: [5, policy, null, [], 'x'] });
    expect(outcomes).toMatchObject([{ policy: { type: 'sts' }, failures: [{ resultType: 'starttls-not-supported' }] }]);
    expect(outcomes[0]?.failures).toHaveLength(1);
  },
  'several policies alike': () => {
    const { outcomes } = sessionIn({ d: 'a.example', policies: [{ f: 0 }, { f: 1 }, { f: 0 }] });
    expect(outcomes.map(({ successful }) => successful)).toEqual([true, false, true]);
  },
  'an sts policy of mode none beside `no-policy-found` for the same domain': () => {
    const modeNone = { 'policy-type': 2, 'policy-string': ['version: STSv1', 'mode: none'], f: 1 };
    const { outcomes } = sessionIn({ d: 'a.example', policies: [modeNone, { 'policy-type': 9, f: 0 }] });
    expect(outcomes).toMatchObject([{ policy: { type: 'no-policy-found' }, successful: true }]);
  },
  'an unknown policy type': () => {
    for (const type of [7, 0, -1, 1.5, 1e300, 'sts', '2x', undefined])
      expect(policyOf({ 'policy-type': type }).type).toBe('no-policy-found');
  },
  'no `policy-domain`': () => {
    const policies = [1, 2, 9].map((type) => policyOf({ 'policy-type': type }));
    expect(policies.map(({ domain }) => domain)).toEqual(['a.example', '', '']);
    const tallies = policies.map((policy) => ({ policy, successful: 1, failed: 0, failures: [] }));
    for (const { policy } of reportedPolicies('a.example', tallies)) expect(policy.domain).toBe('a.example');
  },
  'an unknown failure code, or none': () => {
    const shown = (failure: object): unknown[] => {
      const { resultType, failureReasonCode } = failureOf(failure);
      return [resultType, failureReasonCode];
    };
    expect(shown({ c: 901 })).toEqual(['validation-failure', 'libtlsrpt-failure-code-901']);
    expect(shown({ c: 999, f: 'why' })).toEqual(['validation-failure', 'why']);
    expect(shown({ c: 'expired' })).toEqual(['validation-failure', 'libtlsrpt-failure-code-missing']);
    expect(shown({})).toEqual(['validation-failure', 'libtlsrpt-failure-code-missing']);
    expect(shown({ c: 205 })).toEqual(['validation-failure', undefined]);
  },
  'a number as reason or additional information': () => {
    expect(failureOf({ c: 201, f: 62, a: -1.5 })).toMatchObject({
      failureReasonCode: '62',
      additionalInformation: '-1.5',
    });
  },
  'a final result `f` other than 0': () => {
    for (const f of [1, 7, -1, 0.5, '7', true]) expect(outcomeOf({ f }).successful).toBe(false);
    expect(outcomeOf({ f: false }).successful).toBe(true);
  },
  'no final result, or none that is a number or a truth value': () => {
    for (const f of [undefined, null, '', 'yes', {}, [0]]) {
      expect(outcomeOf({ f }).successful).toBe(true);
      expect(outcomeOf({ f, 'failure-details': [{ c: 201 }] }).successful).toBe(false);
    }
  },
  'a final result of 0 with failure details': () => {
    const outcome = outcomeOf({ f: 0, 'failure-details': [{ c: 201 }] });
    expect(outcome).toMatchObject({ successful: true, failures: [{ resultType: 'starttls-not-supported' }] });
  },
  'a `t` that does not match': () => {
    expect(outcomeOf({ t: 5, f: 1, 'failure-details': [{ c: 201 }] }).failures).toHaveLength(1);
    expect(outcomeOf({ t: 0, f: 1, 'failure-details': [{ c: 201 }, { c: 204 }] }).failures).toHaveLength(2);
    expect(outcomeOf({ t: 3, f: 1 }).failures).toHaveLength(0);
  },
  'an IP address in brackets, with `IPv6:`, a zone, upper case or zeros': () => {
    const forms = {
      '2001:DB8:0:0::1': '2001:db8::1',
      'fe80::1%eth0': 'fe80::1',
      '[2001:db8::1]': '2001:db8::1',
      '[IPv6:2001:db8::1]': '2001:db8::1',
      'ipv6:2001:db8::1': '2001:db8::1',
      '[192.0.2.1]': '192.0.2.1',
      '192.0.2.1 ': '192.0.2.1',
      '::ffff:c000:201': '::ffff:192.0.2.1',
    };
    for (const [address, canonical] of Object.entries(forms))
      expect(failureOf({ c: 201, s: address, r: address })).toMatchObject({
        sendingMtaIp: canonical,
        receivingIp: canonical,
      });
  },
  'an IP address that is none': () => {
    for (const address of ['192.0.2.999', 'mx.example', '[', '[]', 'IPv6:', '192.0.2.1:25', 'unknown'])
      expect(failureOf({ c: 201, s: address }).sendingMtaIp).toBeUndefined();
  },
  'a whole EHLO reply as HELO': () => {
    const h = '250-mx.example at your service\r\n250-STARTTLS\r\n250 8BITMIME';
    expect(failureOf({ c: 201, h }).receivingMxHelo).toBe('mx.example');
  },
  'control characters, line separators, marks of direction': () => {
    const text = 'a\u0000\u001b[31m\u009bb\u2028c\u202ed';
    expect(failureOf({ c: 205, f: text, n: 'm\tx', a: '\u0007' })).toMatchObject({
      failureReasonCode: 'a [31m b c d',
      receivingMxHostname: 'm x',
      additionalInformation: undefined,
    });
    for (const character of ['\u0000', '\r\n', '\u001b', '\u2028', '\u202e'])
      expect(reasonFor({ d: `a${character}b.example`, policies: [{}] })).toBe('bad-domain');
  },
  'lone surrogates and noncharacters': () => {
    expect(failureOf({ c: 205, f: 'a\ud800\ufffe\u{1ffff}' }).failureReasonCode).toBe('a\ufffd\ufffd\ufffd');
    for (const character of ['\ud800', '\ufffe', '\ufdd0'])
      expect(reasonFor({ d: `${character}a.example`, policies: [{}] })).toBe('bad-domain');
  },
  'a `policy-domain`, MX pattern or host name of more than 255 characters': () => {
    for (const long of ['x'.repeat(256), `a.example${' '.repeat(300)}b`]) {
      expect(policyOf({ 'policy-domain': long, 'mx-host': [long, 'mx.example'] })).toMatchObject({
        domain: '',
        mxHosts: ['mx.example'],
      });
      expect(failureOf({ c: 201, n: long }).receivingMxHostname).toBeUndefined();
    }
  },
  'a HELO name of more than 255 characters, a reason or additional information of more than 1,024, a `pr` of more than 64 KiB':
    () => {
      const long = 'x'.repeat(65_537);
      const failure = failureOf({ c: 201, h: `250 ${long}`, f: long, a: long });
      expect(failure.receivingMxHelo).toHaveLength(255);
      expect([failure.failureReasonCode?.length, failure.additionalInformation?.length]).toEqual([1_024, 1_024]);
      expect(sessionIn({ d: 'a.example', pr: long, policies: [{}] }).record).toHaveLength(65_535);
    },
  'more than 16 different names with characters that are not ASCII': () => {
    const twenty = Array.from({ length: 20 }, (_, index) => `ü${String(index)}.example`);
    const names = [...twenty, ...twenty, 'plain.example', ...twenty];
    const { outcomes } = sessionIn({
      d: 'ö.example',
      policies: [
        { 'policy-type': 2, 'mx-host': names },
        { 'policy-domain': 'ä.example', f: 1, 'failure-details': [{ n: 'ü0.example' }, { n: 'ü19.example' }] },
      ],
    });
    const first = twenty.slice(0, 15).map((name) => domainToASCII(name));
    expect(outcomes[0]?.policy.mxHosts).toEqual([...first, ...first, 'plain.example', ...first]);
    expect(outcomes[1]?.policy.domain).toBe('');
    expect(outcomes[1]?.failures.map((failure) => failure.receivingMxHostname)).toEqual([first[0], undefined]);
  },
  'more than 2,000 different IP addresses that are not IPv4': () => {
    const details = Array.from({ length: 2_000 }, (_, index) => ({ s: `::${index.toString(16)}:1`, r: '2001:DB8::1' }));
    const others = details.slice(0, 100).map(({ s }) => ({ s: `1${s}`, r: '192.0.2.1' }));
    const last = details.slice(0, 100).map(({ s }) => ({ s: `2${s}`, r: '2001:DB8::1' }));
    const policies = [details, others, last].map((failures) => ({ 'failure-details': failures }));
    const failures = sessionIn({ d: 'a.example', policies }).outcomes.flatMap((outcome) => outcome.failures);
    expect(failures.filter(({ sendingMtaIp }) => sendingMtaIp !== undefined)).toHaveLength(1_999);
    expect(failures.slice(0, 1_999).every(({ sendingMtaIp }) => sendingMtaIp !== undefined)).toBe(true);
    expect(new Set(failures.map(({ receivingIp }) => receivingIp))).toEqual(new Set(['2001:db8::1', '192.0.2.1']));
  },
};

describe('an odd datagram', () => {
  it.each(Object.entries(rows))('is kept as well as it can be: %s', (_, check) => {
    check();
  });

  it('has its row in docs/operating.md, and each row there is proved here', () => {
    expect(documentedRows('what comes')).toEqual(Object.keys(rows));
  });
});

const PLAIN = '{"d":"a.example","policies":[{"policy-type":9,"f":0}]}';

function plain(): Session {
  return sessionIn(JSON.parse(PLAIN));
}

function sessionFrom(bytes: Uint8Array): Session {
  const reading = readDatagram(bytes);
  if (reading.kind === 'unreadable') throw new Error(reading.reason);
  return reading.session;
}

function sessionIn(json: unknown): Session {
  return sessionFrom(Buffer.from(JSON.stringify(json)));
}

function reasonFor(json: unknown): string | undefined {
  const reading = readDatagram(Buffer.from(JSON.stringify(json)));
  return reading.kind === 'unreadable' ? reading.reason : undefined;
}

function outcomeOf(policy: object): PolicyOutcome {
  const [outcome] = sessionIn({ d: 'a.example', policies: [policy] }).outcomes;
  if (!outcome) throw new Error('no outcome');
  return outcome;
}

function policyOf(policy: object): Policy {
  return outcomeOf(policy).policy;
}

function failureOf(failure: object): FailureDetails {
  const [details] = outcomeOf({ f: 1, 'failure-details': [failure] }).failures;
  if (!details) throw new Error('no failure');
  return details;
}
