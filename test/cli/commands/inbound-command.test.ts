import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { microsoftTlsa, soundDocument, soundEntry } from '#test/support/inbound-documents.ts';
import { documentOf, entryToPack, verified } from '#test/support/inbound-entries.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TODAY = '2026-11-20' as UtcDay;
const NOW_MS = Date.parse('2026-02-03T09:00:00Z');

interface SentReport {
  readonly day: string;
  readonly organization?: string;
  readonly isVerified?: boolean;
  readonly policies?: readonly unknown[];
}

function policyOf(domain: string, successful: number, failures: Readonly<Record<string, number>> = {}): unknown {
  const failed = Object.values(failures).reduce((sum, sessions) => sum + sessions, 0);
  return {
    policy: { ...(soundEntry()['policy'] as object), 'policy-domain': domain },
    summary: { 'total-successful-session-count': successful, 'total-failure-session-count': failed },
    'failure-details': Object.entries(failures).map(([type, sessions]) => ({
      'result-type': type,
      'failed-session-count': sessions,
    })),
  };
}

/** Each has a report-id of its own. */
async function hostWith(...reports: readonly SentReport[]): Promise<string> {
  const store = await Store.open(join(scratchDirectory(), 'state'));
  const entries = reports.map(({ day, organization, isVerified, policies }, index) =>
    entryToPack({
      document: {
        ...soundDocument(),
        'report-id': String(index),
        'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
        ...(organization !== undefined && { 'organization-name': organization }),
        policies: policies ?? [policyOf('a.example', 7)],
      },
      place: { day: parseUtcDay(day) ?? ('' as UtcDay) },
      ...(isVerified === true && { verification: verified }),
    }),
  );
  await store.inbound.save(
    entries.map((entry) => store.inbound.pack(entry)),
    (problem) => {
      throw problem;
    },
  );
  return store.path;
}

function inbound(stateDir: string, ...flags: readonly string[]): Promise<ProgramRun> {
  return run(['inbound', ...flags], { stateDir, nowMs: NOW_MS });
}

async function resultsOf(stateDir: string, ...flags: readonly string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await inbound(stateDir, '--json', ...flags);
  return (JSON.parse(stdout) as { results: Record<string, unknown>[] }).results;
}

describe('tlsrpt inbound', () => {
  it('lists each day by reporter, domain and policy, and what failed, within 80 columns', async () => {
    const stateDir = await hostWith(
      {
        day: '2026-02-01',
        organization: 'Google Inc.',
        isVerified: true,
        policies: [policyOf('a.example', 5_326, { 'certificate-expired': 3, 'validation-failure': 200 })],
      },
      {
        day: '2026-01-31',
        organization: 'Microsoft Corporation',
        isVerified: true,
        policies: [policyOf('a.example', 12), microsoftTlsa],
      },
      {
        day: '2026-02-01',
        organization: 'Somebody with a name that is longer than there is room for',
        policies: [policyOf(`${'long.'.repeat(12)}example`, 1, { 'dane-required': 1 })],
      },
    );
    const { code, stdout, stderr } = await inbound(stateDir);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\nKinds')[0])
      .toBe(`day         reporter             domain               policy  succeeded  failed
2026-01-31  Microsoft Corpor...  a.example            sts            12       0
2026-01-31  Microsoft Corpor...  a.example            tlsa            2       0
2026-02-01  Google Inc.          a.example            sts          5326     203
            200 validation-failure, 3 certificate-expired
2026-02-01  (Somebody with a...  long.long.long.l...  sts             1       1
            1 dane-required
(In parentheses: it is not shown who sent it.)
`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('lists nothing of days that are still to come, and names them', async () => {
    const stateDir = await hostWith({ day: '2026-02-01' }, { day: '9999-12-30' }, { day: '9999-12-31' });
    expect((await resultsOf(stateDir)).map(({ day }) => day)).toEqual(['2026-02-01']);
    expect((await inbound(stateDir, '--csv')).stdout).not.toContain('9999');
    const { code, stdout } = await inbound(stateDir);
    expect(code).toBe(0);
    expect(stdout).toContain('Not listed is what came on 9999-12-30 and 1 more:');
    expect(stdout).toContain('From 2026-02-01 to 2026-02-03, a character a day:');
  });

  it('adds up what a reporter sent of a day in several reports, and nothing that others sent in its name', async () => {
    const failing = policyOf('a.example', 1, { 'certificate-expired': 2 });
    const report = { day: '2026-02-01', organization: 'Google Inc.' };
    const stateDir = await hostWith(
      { ...report, isVerified: true, policies: [failing] },
      { ...report, isVerified: true, policies: [failing, policyOf('a.example', 10, { 'dane-required': 1 })] },
      { ...report, policies: [failing] },
    );
    const google = {
      day: '2026-02-01',
      organization: 'Google Inc.',
      verifiedDomain: 'reporter.example',
      policyType: 'sts',
      policyDomain: 'a.example',
      reports: 2,
      successful: 12,
      failed: 5,
      failures: [
        { resultType: 'certificate-expired', sessions: 4 },
        { resultType: 'dane-required', sessions: 1 },
      ],
    };
    expect(await resultsOf(stateDir)).toEqual([
      {
        ...google,
        verifiedDomain: null,
        reports: 1,
        successful: 1,
        failed: 2,
        failures: [{ resultType: 'certificate-expired', sessions: 2 }],
      },
      google,
    ]);
  });

  it('lists the last month, or what is since a day, of all domains, or of some', async () => {
    const stateDir = await hostWith(
      { day: '2026-01-02' },
      { day: '2026-01-03', policies: [policyOf('b.example', 1), policyOf('a.example', 1)] },
      { day: '2026-02-03', policies: [policyOf('b.example', 1)] },
    );
    const listed = async (...flags: readonly string[]): Promise<string[]> =>
      (await resultsOf(stateDir, ...flags)).map(
        (result) => `${String(result['day'])} ${String(result['policyDomain'])}`,
      );
    expect(await listed()).toEqual(['2026-01-03 a.example', '2026-01-03 b.example', '2026-02-03 b.example']);
    expect(await listed('--since', 'today')).toEqual(['2026-02-03 b.example']);
    expect(await listed('--since', '2025-01-01')).toHaveLength(4);
    expect(await listed('--domain', 'A.example')).toEqual(['2026-01-03 a.example']);
    expect(await listed('--domain', 'a.example', '--domain', 'b.example')).toHaveLength(3);
    expect((await inbound(stateDir, '--since', 'whenever')).code).toBe(64);
  });

  it('prints CSV with a row for each result type, in which nothing passes for a formula', async () => {
    const stateDir = await hostWith(
      {
        day: '2026-02-01',
        organization: '=HYPERLINK("x")',
        policies: [policyOf('a.example', 1, { 'certificate-expired': 2, 'dane-required': 1 })],
      },
      { day: '2026-02-02', isVerified: true },
    );
    expect((await inbound(stateDir, '--csv')).stdout).toBe(
      [
        'day,organization,verifiedDomain,policyType,policyDomain,reports,successful,failed,resultType,sessions',
        `2026-02-01,"'=HYPERLINK(""x"")",,sts,a.example,1,1,3,certificate-expired,2`,
        `2026-02-01,"'=HYPERLINK(""x"")",,sts,a.example,1,1,3,dane-required,1`,
        '2026-02-02,Reporter Inc.,reporter.example,sts,a.example,1,7,0,,',
        '',
      ].join('\r\n'),
    );
  });

  it('shows nothing of strangers that a terminal would obey', async () => {
    const name = 'a\u001b[31mb\u202ec';
    const stateDir = await hostWith({
      day: '2026-02-01',
      organization: name,
      policies: [policyOf(name, 1, { [name]: 1 })],
    });
    for (const flags of [[], ['--json'], ['--csv']]) {
      const { stdout } = await inbound(stateDir, ...flags);
      expect(stdout.replaceAll('\r\n', '\n')).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
      expect(stdout).toContain('31m');
    }
  });

  it('tells which day cannot be read, lists the others, and ends with 65', async () => {
    const stateDir = await hostWith({ day: '2026-02-01' });
    const broken = join(stateDir, 'inbound', '2026-02-02.sqlite');
    mkdirSync(broken);
    writeFileSync(join(stateDir, 'inbound', 'stray.txt'), '');
    const { code, stdout, stderr } = await inbound(stateDir, '--json');
    expect([code, (JSON.parse(stdout) as { results: unknown[] }).results.length]).toEqual([65, 1]);
    expect(stderr).toContain(`error store-not-readable: ${broken}`);
    const status = await run(['status'], { stateDir, nowMs: NOW_MS });
    expect([status.code, status.stderr]).toEqual([65, expect.stringContaining(`store-not-readable: ${broken}`)]);
  });

  it('tells which kinds of failure there are, who fell silent, and how all went', async () => {
    const daily = ['2026-01-20', '2026-01-21', '2026-01-22'].map((day) => ({ day, organization: 'Quiet Ltd.' }));
    const failing = [policyOf('a.example', 100, { 'certificate-expired': 20 })];
    const stateDir = await hostWith(
      { day: '2025-12-01', policies: failing },
      ...daily,
      { day: '2026-02-01', policies: failing },
      { day: '2026-02-02', isVerified: true, policies: failing },
    );
    const { stdout } = await inbound(stateDir);
    expect(stdout.split('\n').slice(stdout.split('\n').indexOf('Kinds of failure, the latest first:'))).toEqual([
      'Kinds of failure, the latest first:',
      'first seen  last seen   days  sessions  failure',
      '2025-12-01  2026-02-02     3        60  certificate-expired (sts of a.example)',
      '',
      'Reporters that fell silent:',
      '  Quiet Ltd.: nothing for 12 days, since 2026-01-22; before that on 3 days',
      '    from 2026-01-20 on',
      '',
      'From 2026-01-20 to 2026-02-03, a character a day:',
      'sts of a.example',
      '  succeeded |...         ## | <= 100',
      '  failed    |            ## | <= 20',
      '',
    ]);
    const { kinds, silent } = JSON.parse((await inbound(stateDir, '--json')).stdout) as Record<string, unknown>;
    expect([kinds, silent]).toEqual([
      [
        {
          resultType: 'certificate-expired',
          policyType: 'sts',
          policyDomain: 'a.example',
          firstDay: '2025-12-01',
          lastDay: '2026-02-02',
          days: 3,
          sessions: 60,
          verified: true,
          organizations: ['Reporter Inc.'],
        },
      ],
      [{ organization: 'Quiet Ltd.', firstDay: '2026-01-20', lastDay: '2026-01-22', days: 3, silentDays: 12 }],
    ]);
  });

  it('shows beside it what we saw ourselves of the same domains on that day, here and on other hosts', async () => {
    const days = await CollectedDays.make();
    const seen = [
      makeDatagram({ domain: 'a.example' }),
      makeDatagram({ domain: 'a.example', failures: [{ code: 202 }] }),
    ];
    days.collect([...seen, makeDatagram({ domain: 'b.example' })]);
    days.fetch('mx2', seen);
    days.fetch('itself', seen, { origin: days.store.identity() });
    const { inbound: kept, path: stateDir } = days.store;
    const entries = [DAY, TODAY].map((day) =>
      entryToPack({ document: documentOf(day), place: { day }, periodDay: day, verification: verified }),
    );
    await kept.save(
      entries.map((entry) => kept.pack(entry)),
      (problem) => {
        throw problem;
      },
    );
    const { stdout } = await run(['inbound'], { stateDir });
    expect(stdout.split('\nKinds')[0]).toBe(`day         reporter       domain     policy  succeeded  failed
2026-11-19  Reporter Inc.  a.example  sts          5326     303
            200 validation-failure, 103 certificate-expired
2026-11-19  => ourselves   a.example  none            2       2
            2 certificate-host-mismatch
2026-11-20  Reporter Inc.  a.example  sts          5326     303
            200 validation-failure, 103 certificate-expired
(=> ourselves: what we saw of it on that day, on our own mail to it.)
`);
    const { ownResults } = JSON.parse((await run(['inbound', '--json'], { stateDir })).stdout) as Record<
      string,
      unknown
    >;
    expect(ownResults).toEqual([
      {
        day: DAY,
        policyType: 'no-policy-found',
        policyDomain: 'a.example',
        successful: 2,
        failed: 2,
        failures: [{ resultType: 'certificate-host-mismatch', sessions: 2 }],
      },
    ]);
  });

  it('says so where nothing is kept, and where there is no state directory', async () => {
    const nothing = await inbound(scratchDirectory());
    expect(nothing).toEqual({
      code: 0,
      stdout: 'Nothing is reported of these days. tlsrpt read --store keeps what others report.\n',
      stderr: '',
    });
    expect(await resultsOf(scratchDirectory())).toEqual([]);
    expect((await inbound(join(scratchDirectory(), 'nowhere'))).code).toBe(78);
  });
});
