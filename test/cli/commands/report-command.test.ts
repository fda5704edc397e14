import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeNewer } from '#test/support/day-files.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun, ProgramSurroundings } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TODAY = '2026-11-20' as UtcDay;
const CONTACT = ['--contact', 'tlsrpt@sender.example', '--organization', 'Sender'];
const GOOD = makeDatagram({
  domain: 'good.example',
  record: 'v=TLSRPTv1;rua=mailto:tls@good.example,https://good.example/r',
});
const BAD = makeDatagram({ domain: 'bad.example', failures: [{ code: 201 }] });

interface ShownReport {
  readonly policyDomain: string;
  readonly reportId: string;
  readonly report: Record<string, unknown>;
}

async function collected(day = DAY): Promise<{
  days: CollectedDays;
  report: (words: readonly string[], more?: ProgramSurroundings) => Promise<ProgramRun>;
}> {
  const days = await CollectedDays.make();
  days.collect([GOOD, GOOD, BAD], { day });
  return {
    days,
    report: (words, more) => run(['report', ...CONTACT, ...words], { stateDir: days.store.path, ...more }),
  };
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

function shown({ stdout }: ProgramRun): ShownReport[] {
  return JSON.parse(stdout) as ShownReport[];
}

describe('tlsrpt report', () => {
  it('is silent, and leaves the reports of yesterday in the outbox', async () => {
    const { days, report } = await collected();
    expect(await report([])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(days.store.outboxes.days()).toEqual([DAY]);
  });

  it('says in its help that it queues what it builds', async () => {
    expect((await run(['report', '--help'])).stdout).toMatch(
      /queue them, for the next send to\s+deliver[^]*They\s+are\s+queued\s+all\s+the\s+same/,
    );
  });

  it('has nothing to do where nothing was collected', async () => {
    expect(await run(['report', '--json', ...CONTACT])).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it.each([[[]], [['--json']], [['--out', '.']], [['--partial']], [['--deliver']]])(
    'builds nothing from a sender whom nobody could know: %j',
    async (words) => {
      const { days } = await collected();
      const nameless = ['--contact', 'postmaster@localhost.localdomain'];
      const ended = await run(['report', ...nameless, ...words], { stateDir: days.store.path });
      expect(ended).toMatchObject({ code: 78, stdout: '' });
      expect(ended.stderr).toContain('report.contact must be set');
      expect(days.store.outboxes.days()).toEqual([]);
    },
  );

  it.each([
    ['--dkim-key', 'r1=/nonexistent'],
    ['--https-ca', '/nonexistent'],
  ])('builds nothing when it is to deliver, and cannot read the file of %s', async (...words) => {
    const { days, report } = await collected();
    expect(await report(['--json', '--deliver', ...words])).toMatchObject({
      code: 78,
      stdout: '',
      stderr: expect.stringContaining('/nonexistent cannot be read') as string,
    });
    expect(days.store.outboxes.days()).toEqual([]);
  });

  it('refuses a setting that has no effect on it', async () => {
    expect((await run(['report', '--socket', 'x.sock'])).code).toBe(64);
  });

  it('skips reports in which nothing failed when asked to', async () => {
    const { report } = await collected();
    const reports = shown(await report(['--json', '--success-only', 'skip']));
    expect(reports.map(({ policyDomain }) => policyDomain)).toEqual(['bad.example']);
  });

  it('takes the domains that are named, however they are written', async () => {
    const { report } = await collected();
    const reports = shown(await report(['--json', '--domain', 'GOOD.example.', '--domain', 'absent.example']));
    expect(reports.map(({ policyDomain }) => policyDomain)).toEqual(['good.example']);
  });
});

describe('tlsrpt report about a domain whose report cannot be stored', () => {
  it('names it, ends with 70, and leaves it to status, while all others have theirs', async () => {
    const { days, report } = await collected();
    const { reportId = '' } = shown(await report(['--json', '--partial'])).at(-1) ?? {};
    const outbox = days.store.outboxes.open(DAY);
    const outgoing = { ...reportWithId(reportId), policyDomain: 'other.example' };
    const reported = { subject: 'other', revision: 0, counts: '[]', lookedUpRecord: undefined };
    outbox.save([{ outgoing, destinations: ['mailto:tls@good.example'], dueMs: 0, reported }]);
    outbox.startTransmission([reportId]);
    outbox.close();
    const ended = await report(['--json']);
    expect(ended.code).toBe(70);
    expect(ended.stderr).toMatch(/error internal-error: No report on good\.example, and all others go on/);
    expect(shown(ended).map(({ policyDomain }) => policyDomain)).toEqual(['bad.example', 'other.example']);
    const status = await run(['status'], { stateDir: days.store.path });
    expect(status.stdout).toContain('no report on good.example: it could not be built: UNIQUE constraint');
  });
});

describe('tlsrpt report --json', () => {
  it('prints an array with one object per report', async () => {
    const { report } = await collected();
    const [bad, good, ...others] = shown(await report(['--json']));
    expect(others).toEqual([]);
    expect(bad?.policyDomain).toBe('bad.example');
    expect(good).toEqual({
      policyDomain: 'good.example',
      reportId: expect.stringMatching(/^2026-11-19\.good\.example\.[0-9a-f]{32}@sender\.example$/) as string,
      destinations: ['mailto:tls@good.example', 'https://good.example/r'],
      report: {
        'organization-name': 'Sender',
        'date-range': { 'start-datetime': '2026-11-19T00:00:00Z', 'end-datetime': '2026-11-19T23:59:59Z' },
        'contact-info': 'tlsrpt@sender.example',
        'report-id': good?.reportId,
        policies: [
          {
            policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'good.example' },
            summary: { 'total-successful-session-count': 2, 'total-failure-session-count': 0 },
          },
        ],
      },
    });
    expect(Object.keys(good ?? {})).toEqual(['policyDomain', 'reportId', 'destinations', 'report']);
  });

  it('prints the same once more', async () => {
    const { report } = await collected();
    const first = await report(['--json']);
    expect(await report(['--json', '--json'])).toEqual(first);
  });

  it('prints nothing that moves a cursor', async () => {
    const days = await CollectedDays.make();
    const failure = { c: 205, n: 'mx\u202e.example', f: 'a\u2028b' };
    const policy = { 'policy-type': 9, 'failure-details': [failure], f: 1 };
    days.collect([
      Buffer.from(JSON.stringify({ d: 'a.example', pr: 'v=TLSRPTv1;rua=mailto:a@a.example', policies: [policy] })),
    ]);
    const printed = await run(['report', '--json', ...CONTACT], { stateDir: days.store.path });
    expect(printed.stdout).not.toMatch(/[^\n\P{Cc}]|[\u2028\p{Bidi_Control}]/u);
    expect(JSON.stringify(shown(printed)[0]?.report)).toContain('a b');
  });
});

describe('tlsrpt report --out', () => {
  it('writes a compressed file for each report', async () => {
    const { report } = await collected();
    const directory = join(scratchDirectory(), 'reports');
    const printed = await report(['--out', directory, '--json']);
    const files = readdirSync(directory).sort();
    expect(files).toHaveLength(2);
    expect(files[1]).toMatch(/^sender\.example!good\.example!1795046400!1795132799!\w+\.json\.gz$/);
    const content = gunzipSync(readFileSync(join(directory, files[1] ?? ''))).toString();
    expect(JSON.parse(content)).toEqual(shown(printed)[1]?.report);
  });

  it('ends with 73 when it cannot', async () => {
    const { report } = await collected();
    const { code, stderr } = await report(['--out', '/dev/null/reports']);
    expect(code).toBe(73);
    expect(stderr).toContain('error file-not-written: The reports cannot be written to /dev/null/reports');
  });
});

describe('a day that is not over', () => {
  it.each(['today', TODAY])('is refused with 64: %s', async (day) => {
    const { days, report } = await collected(TODAY);
    const { code, stdout, stderr } = await report(['--day', day, '--json']);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('2026-11-20 is not over yet (UTC). Add --partial to take what there is so far.');
    expect(days.store.outboxes.days()).toEqual([]);
  });

  it('is shown with --partial as far as it has come, and the outbox left alone', async () => {
    const { days, report } = await collected(TODAY);
    const directory = scratchDirectory();
    const printed = await report(['--day', 'today', '--partial', '--json', '--out', directory]);
    expect(printed.code).toBe(0);
    expect(shown(printed)).toHaveLength(2);
    expect(readdirSync(directory)).toHaveLength(2);
    expect(existsSync(join(days.store.path, 'outbox'))).toBe(false);
  });

  it('has what was fetched of it with --partial as well', async () => {
    const { days, report } = await collected(TODAY);
    days.fetchPartial('mx2', [makeDatagram({ domain: 'third.example' })], { day: TODAY });
    expect(shown(await report(['--day', 'today', '--partial', '--json']))).toHaveLength(3);
  });

  it('is over one millisecond later', async () => {
    const { report } = await collected(TODAY);
    const endMs = Date.UTC(2026, 10, 21);
    expect((await report(['--day', TODAY], { nowMs: endMs - 1 })).code).toBe(64);
    expect((await report(['--day', TODAY], { nowMs: endMs })).code).toBe(0);
  });

  it.each([[], ['--partial']])('has not even begun: %j', async (...words) => {
    const { report } = await collected();
    const { code, stderr } = await report(['--day', '2026-11-21', ...words]);
    expect(code).toBe(64);
    expect(stderr).toContain('2026-11-21 has not begun yet (UTC).');
  });
});

describe('tlsrpt report --keep-days', () => {
  const OLD = [10, 11, 12, 13, 14].map((day) => `2026-11-${String(day)}` as UtcDay);

  async function withOldDays(): Promise<Awaited<ReturnType<typeof collected>>> {
    const stage = await collected();
    for (const day of OLD) stage.days.collect([GOOD], { day });
    await stage.days.letPass(2 * 86_400_000);
    return stage;
  }

  it('removes no day without a word', async () => {
    const { days, report } = await withOldDays();
    const { stderr } = await report(['--keep-days', '2']);
    const removed = OLD.filter((day) => !days.store.sessions.days().includes(day));
    expect(removed.length).toBeGreaterThan(0);
    for (const day of removed) expect(stderr).toContain(`warning old-day-removed: The sessions of ${day} were removed`);
  });

  it('is no news where it is what the configuration says', async () => {
    const { report } = await withOldDays();
    expect((await report([], { configuration: 'keep_days = 2' })).stderr).toBe('');
  });
});

describe('tlsrpt report --dry-run', () => {
  it('prints which reports would go where, and leaves no trace', async () => {
    const { days, report } = await collected();
    const before = filesBelow(days.store.path);
    const { code, stdout, stderr } = await report(['--dry-run', '--deliver', '--keep-days', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/\(\S+@sender\.example\)/g, '(ID)').split('\n')).toEqual([
      'bad.example -> mailto:tls@example.com (ID)',
      'good.example -> mailto:tls@good.example (ID)',
      'good.example -> https://good.example/r (ID)',
      '',
    ]);
    expect(filesBelow(days.store.path)).toEqual(before);
  });

  it('says what is in the outbox already', async () => {
    const { report } = await collected();
    await report(['--domain', 'bad.example']);
    const { stdout } = await report(['--dry-run']);
    expect(stdout).toMatch(/^bad\.example -> mailto:tls@example\.com \(\S+@sender\.example, in the outbox already\)\n/);
    expect(stdout).toMatch(/\ngood\.example -> mailto:tls@good\.example \(\S+@sender\.example\)\n/);
  });

  it('shows the reports as they would be, with --json', async () => {
    const { days, report } = await collected();
    expect(shown(await report(['--dry-run', '--json'])).map(({ policyDomain }) => policyDomain)).toEqual([
      'bad.example',
      'good.example',
    ]);
    expect(days.store.outboxes.days()).toEqual([]);
  });
});

describe('tlsrpt report --deliver', () => {
  it('delivers what it built, and waits for another time with 75', async () => {
    const { report } = await collected();
    const nobody = ['--smtp', 'smtp://127.0.0.1:1', '--timeout', '2s', '--domain', 'bad.example'];
    const { code, stderr } = await report(['--deliver', ...nobody]);
    expect(code).toBe(75);
    expect(stderr).toMatch(
      /^\S+ warning mails-waiting: Mails cannot be handed over, so they wait \(see send\.smtp\): our mail server 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*\n$/,
    );
  });

  it('says once that the mail server cannot be reached, and blames no receiver for it', async () => {
    const { report } = await collected();
    const nobody = ['--smtp', 'smtp://127.0.0.1:1', '--timeout', '2s'];
    const { stderr } = await report(['--deliver', ...nobody, '--log-level', 'info']);
    expect(stderr.match(/ mails-waiting: /g)).toHaveLength(1);
    expect(stderr.match(/ info report-deferred: .*our mail server 127\.0\.0\.1:1 cannot be reached/g)).not.toBeNull();
    expect(stderr).not.toMatch(/not accepted|warning report-deferred: .*mailto:/);
  });

  it('leaves what is not due within the spread for later', async () => {
    const { report } = await collected();
    const { code, stderr } = await report(['--deliver', '--spread', '24h', '--smtp', 'smtp://127.0.0.1:1']);
    expect({ code, stderr }).toEqual({ code: 75, stderr: '' });
  });
});

describe('tlsrpt report beside other days', () => {
  const EARLIER = '2026-11-18' as UtcDay;

  it('takes no notice of a day of a newer version, and refuses that day alone', async () => {
    const { days, report } = await collected();
    days.collect([GOOD], { day: EARLIER });
    expect((await report(['--day', EARLIER])).code).toBe(0);
    for (const folder of ['sessions', 'outbox']) makeNewer(join(days.store.path, folder, `${EARLIER}.sqlite`));
    expect(await report([])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await report(['--day', EARLIER])).toMatchObject({
      code: 65,
      stderr: expect.stringContaining('store-wrong-schema') as string,
    });
    expect(days.store.runs.read()).toMatchObject({ report: { exitCode: 65 } });
  });

  it('says that there is no file of a day that should have one, and asks to be run again', async () => {
    const { report } = await collected(EARLIER);
    const { code, stderr } = await report([]);
    expect(code).toBe(75);
    expect(stderr).toContain('day-not-collected');
  });
});
