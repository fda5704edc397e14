import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDomain, formatDomainList, readDomain, readDomainList } from '#sys4/fetcher-protocol.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NEW_POLICY_TYPE, NEW_RESULT_TYPE, UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';
import { readSys4Domain, readSys4List, VERSION_LINE } from '#test/support/sys4.ts';

const DAY = '2026-11-19' as UtcDay;
const NOW_MS = Date.UTC(2026, 10, 20, 0, 10, 5);
const HEADERS = `${VERSION_LINE}\n2026-11-20 00:10:05\n2026-11-19\n`;

const tally: DomainTally = {
  domain: 'a.example',
  record: 'v=TLSRPTv1; rua=mailto:"odd\'name"@a.example',
  policies: [
    {
      policy: {
        type: 'sts',
        domain: 'a.example',
        strings: ['version: STSv1', 'mx: *.a.example'],
        mxHosts: ['*.a.example'],
      },
      successful: 7,
      failed: 3,
      failures: resultTypes.map((resultType, index) => ({
        details: {
          resultType,
          sendingMtaIp: '192.0.2.1',
          receivingMxHostname: 'mx.a.example',
          receivingMxHelo: undefined,
          receivingIp: index % 2 === 0 ? undefined : '2001:db8::1',
          additionalInformation: 'a "quoted" reason\u00e9',
          failureReasonCode: undefined,
        },
        sessions: index + 1,
      })),
    },
    {
      policy: { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] },
      successful: 1,
      failed: 0,
      failures: [],
    },
  ],
};

describe('formatDomainList', () => {
  it('prints three header lines, the domains and a dot', () => {
    const text = formatDomainList({ latestCompleteDay: DAY, domains: ['a.example', 'b.example'] }, NOW_MS);
    expect(text).toBe(`${HEADERS}a.example\nb.example\n.\n`);
  });

  it('prints the headers and the dot when there are no domains', () => {
    expect(readSys4List(formatDomainList({ latestCompleteDay: DAY, domains: [] }, NOW_MS)).domains).toEqual([]);
  });

  it.each([
    '.',
    'a b.example',
    'a";reboot;".example',
    "it's.example",
    '-oProxyCommand=x',
    '--help',
    'a\nb.example',
    '$(x).example',
    '',
  ])('leaves out %j, which is no domain name', (name) => {
    const text = formatDomainList({ latestCompleteDay: DAY, domains: ['a.example', name, 'z.example'] }, NOW_MS);
    expect(readSys4List(text).domains).toEqual(['a.example', 'z.example']);
  });
});

describe('readDomainList', () => {
  it('reads what formatDomainList prints', async () => {
    const list = { latestCompleteDay: DAY, domains: ['a.example', 'b.example'] };
    expect(await readDomainList(formatDomainList(list, NOW_MS))).toEqual({
      kind: 'list',
      list,
      unusable: [],
      hostMs: Math.floor(NOW_MS / 1_000) * 1_000,
    });
  });

  it('takes lines that end as on Windows', async () => {
    expect(await readDomainList(`${HEADERS}a.example\n.\n`.replaceAll('\n', '\r\n'))).toMatchObject({
      kind: 'list',
      list: { domains: ['a.example'] },
    });
  });

  it('takes a domain that is named twice once, and sets apart what must not become an argument', async () => {
    expect(
      await readDomainList(`${HEADERS}a.example\na.example\n-x\na b\nb\u00fccher.example\n\u3000a.example\na;b\n.\n`),
    ).toMatchObject({
      list: { domains: ['a.example', 'b\u00fccher.example'] },
      unusable: ['-x', 'a b', '\u3000a.example', 'a;b'],
    });
  });

  it('sets apart a domain that is a dot or empty, and reads on', async () => {
    expect(await readDomainList(`${HEADERS}a.example\n.\n\nb.example\n.\n`)).toMatchObject({
      list: { domains: ['a.example', 'b.example'] },
      unusable: ['.', ''],
    });
  });

  it.each([
    ['', 'first line'],
    ['TLSRPT FETCHER v2 domain list\n', 'TLSRPT FETCHER v2'],
    [`${VERSION_LINE}\nnow\n`, 'second line'],
    [`${VERSION_LINE}\n2026-11-20 99:00:00\n2026-11-19\n.\n`, 'second line'],
    [`${VERSION_LINE}\n2026-11-20 00:00:00\n2026-02-30\n.\n`, 'third line'],
    [`${HEADERS}a.example\n`, 'dot'], // cut off
    [`${HEADERS}a.example\n.\nb.example\n`, 'dot'],
    ['Permission denied (publickey).\n', 'Permission denied'],
  ])('says what is wrong with %j', async (text, why) => {
    expect(await readDomainList(text)).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) as string });
  });

  it('lets everything else have its turn while it reads a long list', async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `b\u00fccher-${String(index)}.example`);
    let [turns, isReading] = [0, true];
    const count = (): void => {
      turns += 1;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    expect(await readDomainList(`${HEADERS}${names.join('\n')}\n.\n`)).toMatchObject({ list: { domains: names } });
    isReading = false;
    expect(turns).toBeGreaterThan(10);
  });

  it('reads no further once nobody waits', async () => {
    const text = `${HEADERS}${'a.example\n'.repeat(20_000)}.\n`;
    await expect(readDomainList(text, AbortSignal.abort(new Error('its time is over')))).rejects.toThrow('its time');
  });

  it('takes no more lines than a day has room for', async () => {
    expect(await readDomainList(`${HEADERS}${'a\n'.repeat(2_000_001)}.\n`)).toEqual({
      kind: 'unreadable',
      why: 'its list has more lines than a day can have domains',
    });
  });

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => HEADERS + text),
        ),
        async (text) => {
          expect(['list', 'unreadable']).toContain((await readDomainList(text)).kind);
        },
      ),
    );
  });
});

describe('formatDomain', () => {
  it('says what libtlsrpt has no number for in its terms, and loses no session where two become the same', async () => {
    const none = { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] } as const;
    const named = { ...UNKNOWN_DETAILS, failureReasonCode: 'new-failure' };
    const unknown = { ...UNKNOWN_DETAILS, resultType: NEW_RESULT_TYPE };
    const policies = [
      { policy: none, successful: 1, failed: 2, failures: [{ details: named, sessions: 2 }] },
      {
        policy: { ...none, type: NEW_POLICY_TYPE },
        successful: 4,
        failed: 8,
        failures: [{ details: unknown, sessions: 8 }],
      },
    ];
    const text = formatDomain('a.example', [{ domain: 'a.example', record: 'v=TLSRPTv1;', policies }]);
    expect(await readDomain(text, 'a.example')).toMatchObject({
      kind: 'tallies',
      tallies: [
        { policies: [{ policy: none, successful: 5, failed: 10, failures: [{ details: named, sessions: 10 }] }] },
      ],
    });
  });

  it('prints one line of JSON, with policies and failures as JSON texts', () => {
    const text = formatDomain('a.example', [tally]);
    expect(text.indexOf('\n')).toBe(text.length - 1);
    const { d, policies } = readSys4Domain(text);
    expect(d).toBe('a.example');
    expect(policies).toHaveLength(2);
    const sts = policies.find(({ policy }) => policy['policy-type'] === 2);
    expect(sts).toMatchObject({
      record: tally.record,
      policy: { 'policy-domain': 'a.example', 'policy-string': ['version: STSv1', 'mx: *.a.example'] },
      count: { cntrtotal: 10, cntrfailure: 3 },
    });
    expect(sts?.failures).toContainEqual([
      { c: 201, s: '192.0.2.1', n: 'mx.a.example', a: 'a "quoted" reason\u00e9' },
      1,
    ]);
  });

  it('leaves out sessions without a record', () => {
    expect(readSys4Domain(formatDomain('a.example', [{ ...tally, record: undefined }])).policies).toEqual([]);
  });
});

describe('readDomain', () => {
  it('reads what formatDomain prints', async () => {
    const reading = await readDomain(formatDomain('a.example', [tally]), 'a.example');
    expect(reading.kind === 'tallies' && reading.tallies.every(({ record }) => record === tally.record)).toBe(true);
    const policies = reading.kind === 'tallies' ? reading.tallies.flatMap((each) => each.policies) : [];
    expect(mergePolicyTallies(policies)).toEqual(mergePolicyTallies(tally.policies));
  });

  it.each([
    ['', 'object'],
    ['[]', 'object'],
    ['{"d":"a.example"}', 'object'],
    ['{"d":"b.example","policies":{}}', 'another domain'],
  ])('says what is wrong with %s', async (text, why) => {
    expect(await readDomain(text, 'a.example')).toEqual({
      kind: 'unreadable',
      why: expect.stringContaining(why) as string,
    });
  });

  it.each([
    ['{"d":"a.example","policies":{"v":{"[]":{"cntrtotal":1,"cntrfailure":0,"failures":{}}}}}'],
    ['{"d":"a.example","policies":{"v":{"{}":{"cntrtotal":1,"cntrfailure":2,"failures":{}}}}}'],
    ['{"d":"a.example","policies":{"v":{"{}":{"cntrtotal":1.5,"cntrfailure":0,"failures":{}}}}}'],
    ['{"d":"a.example","policies":{"v":{"{}":{"cntrtotal":1,"cntrfailure":1,"failures":{"5":1}}}}}'],
    ['{"d":"a.example","policies":{"v":{"{}":{"cntrtotal":1,"cntrfailure":1,"failures":{"{}":"1"}}}}}'],
    ['{"d":"a.example","policies":{"v":[]}}'],
    ['{"d":"a.example","policies":{"v":{"{}":[]}}}'],
  ])('leaves out what is wrong in %s, and says so', async (text) => {
    const good = '"w":{"{}":{"cntrtotal":2,"cntrfailure":1,"failures":{}}},';
    const reading = await readDomain(text.replace('"policies":{', `"policies":{${good}`), 'a.example');
    if (reading.kind === 'unreadable') throw new Error(reading.why);
    const counted = reading.tallies.find(({ record }) => record === 'w');
    expect(counted?.policies).toMatchObject([{ successful: 1, failed: 1 }]);
    expect(reading.leftOut).toEqual([expect.stringContaining('"a.example"')]);
  });

  it('never throws', async () => {
    const policies = fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.anything()));
    await fc.assert(
      fc.asyncProperty(policies, async (odd) => {
        const text = JSON.stringify({ d: 'a.example', policies: odd }) as string | undefined;
        expect(['tallies', 'unreadable']).toContain((await readDomain(text ?? '', 'a.example')).kind);
      }),
    );
  });
});
