import { describe, expect, it } from 'vitest';
import { checkDomain } from '#pipeline/check/check-domain.ts';
import type { Finding } from '#pipeline/check/finding.ts';
import { encryptedVisit, fakeSendersView, KEY_DIGEST } from '#test/support/fake-senders-view.ts';
import type { FakeView, FakeWorld } from '#test/support/fake-senders-view.ts';

const MX = 'mx.a.example';
const TLSA = { usage: 3, selector: 1, matchingType: 1, data: KEY_DIGEST };
const POLICY = 'version: STSv1\nmode: enforce\nmx: mx.a.example\nmax_age: 604800\n';

const zone = {
  '_smtp._tls.a.example': { txt: ['v=TLSRPTv1; rua=mailto:tls@a.example'] },
  '_mta-sts.a.example': { txt: ['v=STSv1; id=1'] },
  'a.example': { mx: [MX] },
  [MX]: { a: ['192.0.2.1'] },
  [`_25._tcp.${MX}`]: { tlsa: [TLSA] },
};
const world: FakeWorld = {
  zone,
  policy: { kind: 'fetched', text: POLICY, contentType: 'text/plain' },
  visits: { '192.0.2.1': encryptedVisit([MX]) },
};

async function check(changes: Partial<FakeWorld> = {}): Promise<{ findings: readonly Finding[]; view: FakeView }> {
  const view = fakeSendersView({ ...world, ...changes, zone: { ...zone, ...changes.zone } });
  return { findings: await checkDomain('a.example', view), view };
}

/** All that is not as it should be. */
async function troubleIn(changes: Partial<FakeWorld>): Promise<unknown[]> {
  const { findings } = await check(changes);
  return findings
    .filter(({ state }) => state !== 'ok')
    .map(({ about, state, resultType, policyType }) =>
      [about, state, resultType, policyType].filter((fact) => fact !== undefined).join(' '),
    );
}

describe('checkDomain', () => {
  it('finds everything right where it is', async () => {
    const { findings, view } = await check();
    expect(findings.map(({ state, about, cause }) => `${state} ${about}: ${cause}`)).toEqual([
      'ok tlsrpt-record: reports go to mailto:tls@a.example',
      'ok sts-record: id 1',
      'ok sts-policy: mode enforce, for 7 days',
      'ok mx: mx.a.example (DNSSEC)',
      'ok tlsa: DNSSEC confirms 3 1 1 abababababababab...',
      'ok starttls: TLSv1.3',
      'ok certificate: it is as the TLSA record 3 1 1 abababababababab... says',
      'ok certificate: until 2026-12-31, by Example CA',
    ]);
    expect(view.fetched).toEqual(['https://mta-sts.a.example/.well-known/mta-sts.txt']);
    expect(view.visited).toEqual([{ address: '192.0.2.1', port: 25, host: MX }]);
  });

  it.each([
    ['no TLSRPT record', {}, 'tlsrpt-record note'],
    [
      'two of them',
      { txt: ['v=TLSRPTv1;rua=mailto:a@b.example', 'v=TLSRPTv1;rua=mailto:a@b.example'] },
      'tlsrpt-record wrong',
    ],
    ['one that is wrong', { txt: ['v=TLSRPTv1; rua mailto:a@b.example'] }, 'tlsrpt-record wrong'],
    [
      'an address that is wrong',
      { txt: ['v=TLSRPTv1;rua=mailto:a@b.example,http://b.example/'] },
      'tlsrpt-record wrong',
    ],
    ['no answer', { fault: 'silence' }, 'tlsrpt-record unknown'],
    ['an answer that DNSSEC refutes', { fault: 'bogus' }, 'tlsrpt-record wrong'],
  ] as const)('sees %s', async (_what, entry, trouble) => {
    expect(await troubleIn({ zone: { '_smtp._tls.a.example': entry } })).toEqual([trouble]);
  });

  it('shows where the mistake in a record is, and how to look at it', async () => {
    const record = 'v=TLSRPTv1; rua mailto:a@b.example';
    const { findings } = await check({ zone: { '_smtp._tls.a.example': { txt: [record] } } });
    expect(findings[0]).toMatchObject({
      cause: '"rua mailto:a@b.example" is no field of the form name=value',
      place: { text: record, line: 1, start: 12, length: 22 },
      command: 'dig +short TXT _smtp._tls.a.example',
    });
  });

  it.each([
    ['two', { txt: ['v=STSv1; id=1', 'v=STSv1; id=2'] }, 'sts-record wrong'],
    ['one that is wrong', { txt: ['v=STSv1; id=2026-01-01'] }, 'sts-record wrong'],
    ['no answer about one', { fault: 'server-failure' }, 'sts-record unknown'],
  ] as const)('looks for no policy where there is %s as MTA-STS record', async (_what, entry, trouble) => {
    expect(await troubleIn({ zone: { '_mta-sts.a.example': entry } })).toEqual([trouble]);
    expect((await check({ zone: { '_mta-sts.a.example': entry } })).view.fetched).toEqual([]);
  });

  it.each([
    [{ kind: 'failed', why: 'HTTP 404' }, ['sts-policy wrong sts-policy-fetch-error sts']],
    [{ kind: 'certificate-invalid', why: 'expired' }, ['sts-policy wrong sts-webpki-invalid sts']],
    [{ kind: 'fetched', text: POLICY, contentType: 'text/html' }, ['sts-policy wrong sts-policy-invalid sts']],
    [{ kind: 'fetched', text: POLICY, contentType: undefined }, ['sts-policy wrong sts-policy-invalid sts']],
    [
      { kind: 'fetched', text: 'mode: maybe\nmx: mx.a.example\nmax_age: 1\n', contentType: 'text/plain' },
      ['sts-policy wrong sts-policy-invalid sts', 'sts-policy wrong sts-policy-invalid sts'],
    ],
    [{ kind: 'fetched', text: POLICY.replace('enforce', 'none'), contentType: 'text/plain' }, ['sts-policy note sts']],
    [
      { kind: 'fetched', text: POLICY.replace('mx.a', 'mx1.a'), contentType: 'text/plain' },
      ['mx wrong validation-failure sts', 'sts-policy note sts'],
    ],
  ] as const)('sees what is wrong with a policy: %j', async (policy, trouble) => {
    expect(await troubleIn({ policy })).toEqual(trouble);
  });

  it('sees a domain that takes no mail, and visits nobody', async () => {
    expect(await troubleIn({ zone: { 'a.example': { mx: ['.'] } } })).toEqual(['mx note']);
    expect((await check({ zone: { 'a.example': { mx: ['.'] } } })).view.visited).toEqual([]);
  });

  it('finds a null MX wrong that stands beside others', async () => {
    const { findings } = await check({ zone: { 'a.example': { mx: ['.', 'mx.a.example'] } } });
    expect(findings).toContainEqual(
      expect.objectContaining({
        about: 'mx',
        state: 'wrong',
        cause: 'a null MX (".") stands beside other records, which it must not',
      }),
    );
  });

  it('visits the domain itself where there is no MX record', async () => {
    const { view } = await check({ zone: { 'a.example': { a: ['192.0.2.7'] } } });
    expect(view.visited).toMatchObject([{ address: '192.0.2.7', host: 'a.example' }]);
  });

  it.each([
    ['a host without an address', { [MX]: {} }, ['mx wrong']],
    ['a host whose addresses DNSSEC refutes', { [MX]: { fault: 'bogus' } }, ['mx wrong dnssec-invalid tlsa']],
    ['a host that is an alias', { [MX]: { alias: 'x.example' }, 'x.example': { a: ['192.0.2.1'] } }, ['mx note']],
    ['MX records that DNSSEC refutes', { 'a.example': { fault: 'bogus' } }, ['mx wrong dnssec-invalid tlsa']],
    ['MX records that nobody gives', { 'a.example': { fault: 'silence' } }, ['mx unknown']],
    ['an MX record that names no host', { 'a.example': { mx: [MX, '$(reboot)'] } }, ['mx wrong']],
  ] as const)('sees %s', async (_what, entries, trouble) => {
    expect(await troubleIn({ zone: entries })).toEqual(trouble);
  });

  it.each([
    ['that DNSSEC refutes', { fault: 'bogus' }, true, ['tlsa wrong dnssec-invalid tlsa']],
    ['that nobody gives', { fault: 'server-failure' }, true, ['tlsa unknown']],
    ['without DNSSEC', { tlsa: [TLSA], isSigned: false }, true, ['tlsa wrong dane-required tlsa']],
    ['that nobody validates', { tlsa: [TLSA] }, false, ['tlsa unknown tlsa']],
    ['of which none can be used', { tlsa: [{ ...TLSA, usage: 1 }] }, true, ['tlsa wrong tlsa-invalid tlsa']],
    ['of which one cannot be used', { tlsa: [TLSA, { ...TLSA, usage: 1 }] }, true, ['tlsa note tlsa']],
    [
      'of another certificate',
      { tlsa: [{ ...TLSA, data: 'cd'.repeat(32) }] },
      true,
      ['certificate wrong certificate-not-trusted tlsa'],
    ],
  ] as const)('sees TLSA records %s', async (_what, entry, isValidating, trouble) => {
    expect(await troubleIn({ isValidating, zone: { [`_25._tcp.${MX}`]: entry } })).toEqual(trouble);
  });

  it('sees TLSA records that count for nothing, as the addresses of the host have no DNSSEC', async () => {
    const unsigned = { [MX]: { a: ['192.0.2.1'], isSigned: false } };
    expect(await troubleIn({ zone: unsigned })).toEqual(['tlsa wrong dane-required tlsa']);
  });

  it('notes that nothing protects a domain without MTA-STS and DANE', async () => {
    const bare = { '_mta-sts.a.example': {}, [`_25._tcp.${MX}`]: {} };
    expect(await troubleIn({ zone: bare })).toEqual(['sts-record note', 'policies note']);
  });

  it('does not speak of a domain without DANE where that is not known', async () => {
    const doubtful = { '_mta-sts.a.example': {}, [`_25._tcp.${MX}`]: { fault: 'silence' } } as const;
    expect(await troubleIn({ zone: doubtful })).toEqual(['sts-record note', 'tlsa unknown']);
  });

  it('notes that TLSA records help little where MX records can be forged', async () => {
    expect(await troubleIn({ zone: { 'a.example': { mx: [MX], isSigned: false } } })).toEqual(['policies note tlsa']);
  });

  it('says once what all addresses of a host show', async () => {
    const { findings } = await check({
      zone: { [MX]: { a: ['192.0.2.1', '192.0.2.2'] } },
      visits: { '192.0.2.1': encryptedVisit([MX]), '192.0.2.2': encryptedVisit([MX]) },
    });
    expect(findings.filter(({ about }) => about === 'starttls')).toMatchObject([{ state: 'ok' }]);
  });

  it('says of which address it speaks where they show different things', async () => {
    const { findings } = await check({
      zone: { [MX]: { a: ['192.0.2.1', '192.0.2.2'] } },
      visits: { '192.0.2.1': encryptedVisit([MX]), '192.0.2.2': { kind: 'no-starttls', why: 'not offered' } },
    });
    expect(findings.filter(({ about }) => about === 'starttls')).toMatchObject([
      { state: 'ok', address: '192.0.2.1' },
      { state: 'wrong', address: '192.0.2.2', command: expect.stringContaining('192.0.2.2:25') as string },
    ]);
  });

  it('does not hold against a host that one of its addresses cannot be reached from here', async () => {
    expect(await troubleIn({ zone: { [MX]: { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] } } })).toEqual([]);
    expect(await troubleIn({ visits: {} })).toEqual(['starttls unknown']);
  });

  it('visits no more hosts and addresses than anybody needs', async () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `mx${String(index)}.a.example`);
    const a = Array.from({ length: 30 }, (_, index) => `192.0.2.${String(index + 1)}`);
    const { view } = await check({
      zone: { 'a.example': { mx: hosts }, ...Object.fromEntries(hosts.map((host) => [host, { a }])) },
    });
    expect(view.visited).toHaveLength(40);
  });
});
