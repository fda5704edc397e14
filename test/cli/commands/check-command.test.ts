import { describe, expect, it, onTestFinished } from 'vitest';
import { DOMAIN, MX, startDomain } from '#test/support/checked-domain.ts';
import type { CheckedDomain, DomainWish } from '#test/support/checked-domain.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

async function check(
  wish: DomainWish,
  ...words: readonly string[]
): Promise<ProgramRun & { readonly domain: CheckedDomain }> {
  const domain = await startDomain(wish);
  onTestFinished(() => domain.close());
  return { ...(await run(['check', DOMAIN, ...domain.words, ...words])), domain };
}

interface CheckedJson {
  readonly domain: string;
  readonly state: string;
  readonly validatesDnssec: boolean | null;
  readonly findings: readonly Readonly<Record<'about' | 'state' | 'resultType' | 'policyType' | 'cause', string>>[];
}

/** What is not as it should be, and the exit code. */
async function troubleIn(wish: DomainWish): Promise<unknown[]> {
  const { code, stdout, stderr } = await check(wish, '--json');
  expect(stderr).toBe('');
  const [checked] = JSON.parse(stdout) as CheckedJson[];
  const wrong = checked?.findings.filter(({ state }) => state !== 'ok') ?? [];
  return [code, ...wrong.map(({ state, resultType, policyType }) => `${state} ${resultType} ${policyType}`)];
}

describe('tlsrpt check', () => {
  it('says in one line each what is as it should be, and ends with 0', async () => {
    const { code, stdout, stderr, domain } = await check({ tlsa: 'key' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/[0-9a-f]{16}/g, 'DIGEST').replace(/authority \S+/, 'authority')).toBe(
      `a.example (asked ${domain.resolver.server}, which validates DNSSEC)
  ok      TLSRPT record: reports go to mailto:tls@a.example
  ok      MTA-STS record: id 20260101
  ok      MTA-STS policy: mode enforce, for 7 days
  ok      MX: mx.a.example (DNSSEC)
  ok      TLSA of mx.a.example: DNSSEC confirms 3 1 1 DIGEST...
  ok      STARTTLS of mx.a.example: TLSv1.3
  ok      certificate of mx.a.example: it is as the TLSA record 3 1 1
          DIGEST... says
  ok      certificate of mx.a.example: until 2049-12-31, by tlsrpt test
          authority
`,
    );
    expect(domain.mailServer.mails).toEqual([]);
  });

  it('says of what is wrong what it is, what senders report, and how to see it', async () => {
    const { code, stdout, domain } = await check({
      zone: { [`_smtp._tls.${DOMAIN}`]: { txt: ['v=TLSRPTv1; rua mailto:tls@a.example'] } },
      mail: { names: ['www.a.example'] },
    });
    const [address = '', port = ''] = domain.resolver.server.split(':');
    expect(code).toBe(76);
    expect(stdout).toContain(`
  wrong   TLSRPT record: "rua mailto:tls@a.example" is no field of the form
          name=value
          v=TLSRPTv1; rua mailto:tls@a.example
                      ^^^^^^^^^^^^^^^^^^^^^^^^
          $ dig @${address} -p ${port} +short TXT _smtp._tls.a.example
`);
    expect(stdout).toContain(`
  wrong   certificate of mx.a.example: it is for www.a.example, not for
          mx.a.example
          reported as certificate-host-mismatch (sts)
          $ openssl s_client -starttls smtp -connect mx.a.example:${String(domain.mailServer.port)}`);
  });

  const tlsaName = `_PORT._tcp.${MX}`;
  const strangers = makeTestCa();
  it.each<[string, () => Promise<DomainWish> | DomainWish, (number | string)[]]>([
    ['an expired certificate', () => ({ mail: { expired: true } }), [76, 'wrong certificate-expired sts']],
    [
      'a certificate of strangers',
      async () => ({ mail: { issuer: await strangers } }),
      [76, 'wrong certificate-not-trusted sts'],
    ],
    ['no STARTTLS', () => ({ mail: { offersNoTls: true } }), [76, 'wrong starttls-not-supported sts']],
    ['the issuer by DANE', () => ({ tlsa: 'issuer', mail: { showsIssuer: true } }), [0]],
    ['an issuer that is not shown', () => ({ tlsa: 'issuer' }), [76, 'wrong certificate-not-trusted tlsa']],
    ['a TLSA record of a former key', () => ({ tlsa: 'something else' }), [76, 'wrong certificate-not-trusted tlsa']],
    [
      'TLSA records without DNSSEC',
      () => ({ tlsa: 'key', zone: { [MX]: { a: ['127.0.0.1'], isSigned: false } } }),
      [76, 'wrong dane-required tlsa'],
    ],
    ['TLSA records that nobody validates', () => ({ tlsa: 'key', validates: false }), [75, 'unknown null tlsa']],
    [
      'TLSA records that nobody can use',
      () => ({ zone: { [tlsaName]: { tlsa: [{ usage: 1, selector: 1, matchingType: 1, data: '00' }] } } }),
      [76, 'wrong tlsa-invalid tlsa'],
    ],
    ['bogus TLSA records', () => ({ zone: { [tlsaName]: { fault: 'bogus' } } }), [76, 'wrong dnssec-invalid tlsa']],
    ['a web page as policy', () => ({ contentType: 'text/html' }), [76, 'wrong sts-policy-invalid sts']],
    [
      'a name server that fails',
      () => ({ zone: { [DOMAIN]: { fault: 'server-failure' } } }),
      [75, 'unknown null null'],
    ],
  ])('knows what senders make of %s', async (_what, wish, trouble) => {
    expect(await troubleIn(await wish())).toEqual(trouble);
  });

  it('prints JSON in the shape that docs/json.md promises', async () => {
    const record = 'v=TLSRPTv1; rua mailto:tls@a.example';
    const { stdout, domain } = await check({ zone: { [`_smtp._tls.${DOMAIN}`]: { txt: [record] } } }, '--json');
    const [checked] = JSON.parse(stdout) as CheckedJson[];
    expect(checked).toMatchObject({
      domain: DOMAIN,
      nameServers: [domain.resolver.server],
      validatesDnssec: true,
      state: 'wrong',
    });
    expect(checked?.findings[0]).toEqual({
      about: 'tlsrpt-record',
      state: 'wrong',
      host: null,
      address: null,
      resultType: null,
      policyType: null,
      cause: '"rua mailto:tls@a.example" is no field of the form name=value',
      place: { line: 1, column: 13, length: 24, text: record },
      command: expect.stringMatching(/^dig @/) as string,
    });
  });

  it('checks several domains, each once, in the order in which they are named', async () => {
    const domain = await startDomain();
    onTestFinished(() => domain.close());
    const words = ['check', 'B.example', DOMAIN, 'b.example.', ...domain.words, '--json'];
    const { code, stdout } = await run(words);
    expect((JSON.parse(stdout) as CheckedJson[]).map((checked) => checked.domain)).toEqual(['b.example', DOMAIN]);
    expect(code).toBe(76); // b.example has no mail server at all
  });

  it('lets nothing that a server says reach the terminal as it is', async () => {
    const nasty = '\u001b[2J\u202e\u0007"; $(reboot)';
    const { stdout } = await check({
      zone: {
        [`_smtp._tls.${DOMAIN}`]: { txt: [`v=TLSRPTv1; rua${nasty}`] },
        [`_mta-sts.${DOMAIN}`]: { txt: [`v=STSv1; id=1`] },
        [DOMAIN]: { mx: [MX, `x${nasty.slice(0, 8)}.example`] },
      },
      policy: `version: STSv1\r\nmode: ${nasty}\r\n\u009b31m\r\n`,
      contentType: 'text/plain; charset=\u00ff',
    });
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(stdout.split('\n').filter((line) => line.startsWith('          $') && line.includes('reboot'))).toEqual([]);
  });

  it('quotes strangers in JSON in a form that may be shown raw', async () => {
    const { stdout } = await check({ zone: { [DOMAIN]: { mx: [MX, 'x\u001b[2J.example'] } } }, '--json');
    const causes = (JSON.parse(stdout) as CheckedJson[]).flatMap(({ findings }) => findings.map(({ cause }) => cause));
    expect(causes).toContain('the MX record "x?[2j.example" names no host');
  });

  it('fits a terminal of 80 columns, but for commands that are copied', async () => {
    const { stdout } = await check({
      zone: { [`_smtp._tls.${DOMAIN}`]: { txt: [`v=TLSRPTv1; rua=mailto:${'long.'.repeat(30)}@a.example; x y`] } },
      mail: { expired: true, names: ['www.a.example', 'mail.a.example'] },
      policy: `version: STSv1\nmode: ${'enforced'.repeat(40)}\n`,
    });
    const long = stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('          $ '));
    expect(long).toEqual([]);
  });

  it.each([
    [[], 'check needs a domain'],
    [['-a.example'], 'domain name'],
    [['a example'], 'a example is no domain name'],
    [[DOMAIN, '--port', '0'], '--port 0 is no port'],
    [[DOMAIN, '--port', 'smtp'], '--port smtp is no port'],
  ])('says what is wrong with the command line %j', async (words, message) => {
    const { code, stderr, stdout } = await run(['check', ...words]);
    expect([code, stdout]).toEqual([64, '']);
    if (words[0] !== '-a.example') expect(stderr).toContain(message);
  });

  it('ends with 78 for a file of authorities that is none', async () => {
    expect(await run(['check', DOMAIN, '--https-ca', '/dev/null'])).toMatchObject({ code: 78 });
  });
});
