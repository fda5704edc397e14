import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { makeNewer, writeDay } from '#test/support/day-files.ts';
import { rethrow } from '#test/support/rethrow.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun, ProgramSurroundings } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TIME = '2026-11-20T06:00:00.000Z';
const EARLIER = '2026-11-18' as UtcDay;
const MAIL = 'mailto:tls@good.example';
const WEB = 'https://good.example/r';
const REPORT_ID = 'id-1@sender.example';

/** Two days of sessions, and one report of which one copy was deferred. */
async function status(
  words: readonly string[],
  reply = '450 later',
  surroundings: ProgramSurroundings = {},
): Promise<ProgramRun> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'good.example' }), Buffer.from('not JSON')]);
  days.collect([makeDatagram({ domain: 'other.example' })], { day: EARLIER });
  const outbox = days.store.outboxes.open(DAY);
  outbox.save([{ outgoing: reportWithId(REPORT_ID), destinations: [MAIL, WEB], dueMs: MORNING_MS }]);
  outbox.noteResult({
    reportId: REPORT_ID,
    destination: MAIL,
    state: 'deferred',
    attempts: 1,
    firstAttemptMs: MORNING_MS,
    lastResult: reply,
    nextAttemptMs: MORNING_MS + 60_000,
  });
  outbox.noteResult({
    reportId: REPORT_ID,
    destination: WEB,
    state: 'delivered',
    attempts: 1,
    firstAttemptMs: MORNING_MS,
    lastResult: '201 Created',
    nextAttemptMs: undefined,
  });
  outbox.close();
  const earlier = days.store.outboxes.open(EARLIER);
  const withholding = { policyDomain: 'other.example', why: 'only-report-mails' } as const;
  earlier.replaceReports([{ policyDomain: 'other.example', changes: [{ kind: 'withhold', withholding }] }], rethrow);
  earlier.close();
  return run(['status', ...words], { stateDir: days.store.path, ...surroundings });
}

describe('tlsrpt status --json', () => {
  it('prints one object with the days, their reports and their deliveries', async () => {
    const { code, stdout, stderr } = await status(['--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const delivery = { policyDomain: 'good.example', reportId: REPORT_ID };
    expect(JSON.parse(stdout)).toMatchObject({
      summary: {
        deliveries: { queued: 0, deferred: 1, delivered: 1, bounced: 0, refused: 0, expired: 0, suppressed: 0 },
        overdueSeconds: null,
        deferredSeconds: 0,
        withheld: 1,
      },
      days: [
        {
          day: EARLIER,
          counts: { deferred: 0, delivered: 0 },
          collected: { datagrams: 1, tallied: 1, rejected: 0, domains: 1 },
          reports: 0,
          deliveries: [],
          withheld: [{ policyDomain: 'other.example', why: 'only-report-mails' }],
        },
        {
          day: DAY,
          collected: { datagrams: 2, tallied: 1, rejected: 1, rejectedByKind: { 'not-json': 1 }, domains: 1 },
          reports: 1,
          deliveries: [
            {
              ...delivery,
              destination: MAIL,
              state: 'deferred',
              attempts: 1,
              lastResult: '450 later',
              nextAttempt: '2026-11-20T06:01:00.000Z',
            },
            {
              ...delivery,
              destination: WEB,
              state: 'delivered',
              attempts: 1,
              lastResult: '201 Created',
              nextAttempt: null,
            },
          ],
          withheld: [],
        },
      ],
    });
  });

  it('has no days where there is nothing', async () => {
    const stateDir = scratchDirectory();
    const { code, stdout, stderr } = await run(['status', '--json'], { stateDir });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      stateDirectory: stateDir,
      collector: { running: false },
      lastDatagram: null,
      runs: { report: null, send: null },
      summary: {
        deliveries: { queued: 0, deferred: 0, delivered: 0, bounced: 0, refused: 0, expired: 0, suppressed: 0 },
        overdueSeconds: null,
        deferredSeconds: null,
        withheld: 0,
        missingSources: 0,
        troubledDays: 0,
        lastDatagramSeconds: null,
        lastReportSeconds: null,
        lastSendSeconds: null,
      },
      days: [],
    });
  });

  it('has the day and the domain that are asked for', async () => {
    const { stdout } = await status(['--json', '--day', DAY, '--domain', 'absent.example']);
    expect(JSON.parse(stdout)).toMatchObject({ days: [{ day: DAY, reports: 0, deliveries: [] }] });
  });

  it('prints nothing that moves a cursor, and says the same', async () => {
    const reply = '450 \u001b[2J\u009b2J\u202etxt';
    const { stdout } = await status(['--json'], reply);
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(JSON.parse(stdout)).toMatchObject({ days: [{}, { deliveries: [{ lastResult: reply }, {}] }] });
  });
});

describe('tlsrpt status', () => {
  it('is short: a line for each day, then what is wrong and what waits', async () => {
    const { code, stdout } = await status([]);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1)).toEqual([
      'collector        not running',
      'last datagram    -',
      'last report      -',
      'last send        -',
      '',
      'day         datagrams  domains  reports  delivered  waiting  failed  suppressed',
      '2026-11-18  1          1        0        0          0        0       0',
      '2026-11-19  2          1        1        1          1        0       0',
      '',
      '2026-11-18 no report on other.example: nothing failed, and for two days nothing was sent there but reports',
      '2026-11-19 1 of 2 datagrams rejected: not-json (1)',
      '2026-11-19 deferred until 2026-11-20T06:01:00.000Z: 1 report to mailto:tls@good.example',
      '           450 later',
      '',
      'tlsrpt send --now tries at once what waits. tlsrpt status --all shows every delivery.',
      '',
    ]);
  });

  it.each([['--all'], ['--domain', 'good.example']])(
    'lists every delivery with its report-id: %s',
    async (...words) => {
      const { stdout } = await status(words);
      expect(stdout.split('\n').slice(-7)).toEqual([
        '',
        'id-1@sender.example  good.example',
        '  deferred  mailto:tls@good.example  1 attempt, next 2026-11-20T06:01:00.000Z',
        '    450 later',
        '  delivered  https://good.example/r  1 attempt',
        '    201 Created',
        '',
      ]);
    },
  );

  it.each([
    ['a terminal', { columns: 80 }, true],
    ['a terminal of somebody who wants none', { columns: 80, environment: { NO_COLOR: '1' } }, false],
    ['a terminal that has none', { columns: 80, environment: { TERM: 'dumb' } }, false],
    ['a file', {}, false],
  ])('has colours for states on %s: %j', async (_, surroundings, isColourful) => {
    const { stdout } = await status([], '450 later', surroundings);
    expect(stdout.includes('\u001b[33mdeferred\u001b[39m')).toBe(isColourful);
    expect(stdout.includes('\u001b')).toBe(isColourful);
  });

  it('names the domains that a day has no room for all details of', async () => {
    const { store } = await CollectedDays.make();
    const journal = await new CollectorStore(store.path).openJournal(DAY, () => undefined);
    const counts: [string, number][] = [
      ['details-merged', 10],
      ['details-merged:flood.example', 7],
      ['failures-left-out', 2],
    ];
    journal.putFigures({ sums: new Map(counts), peaks: new Map() });
    await journal.write();
    journal.close();
    expect((await run(['status'], { stateDir: store.path })).stdout).toContain(
      `${DAY} has no room for all details of: flood.example (7), others (3), and none for 2 failures\n`,
    );
  });

  it('leaves a table in one piece, whatever a server answered', async () => {
    const { stdout } = await status([], '450 \u001b[2J one\r\ntwo\u202e');
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(stdout.split('\n')).toHaveLength(17);
  });

  it('says so when there is nothing', async () => {
    expect((await run(['status'])).stdout).toMatch(/\n\nNothing has been collected yet\.\n$/);
  });

  it('says whether a collector runs, when something last came, be the day that is open younger, and how report and send ended', async () => {
    const { store } = await CollectedDays.make();
    const collector = new CollectorStore(store.path);
    const lock = collector.lock();
    store.runs.note('send', { started: TIME, ended: TIME, exitCode: 75, reasons: ['deliveries-waiting'] });
    const stem = join(store.path, 'sessions', DAY);
    const identity = { day: DAY, origin: store.identity() };
    const context = { sqlite: await loadSqlite(), disk: systemDisk };
    writeDay(context, { stem, identity, datagrams: [makeDatagram({ domain: 'good.example' })], ending: 'open' });
    utimesSync(`${stem}.1.journal`, 1_795_000_000, 1_795_000_000);
    collector.note({ lastDatagramMs: 1_794_990_000_000 });
    const { stdout } = await run(['status'], { stateDir: store.path });
    lock.release();
    const { stdout: afterwards } = await run(['status'], { stateDir: store.path });
    expect(afterwards).toContain('\nlast datagram    2026-11-18T11:06:40.000Z\n');
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      `state directory  ${store.path}`,
      `collector        running, process ${String(process.pid)}`,
      'last datagram    2026-11-18T08:20:00.000Z',
      'last report      -',
      `last send        ${TIME}, exit code 75 (deliveries-waiting)`,
    ]);
  });

  it('takes no file that a clock which was ahead has left for the last datagram', async () => {
    const { store } = await CollectedDays.make();
    const context = { sqlite: await loadSqlite(), disk: systemDisk };
    const ahead = '2026-12-01' as UtcDay;
    for (const day of [DAY, ahead]) {
      const stem = join(store.path, 'sessions', day);
      const identity = { day, origin: store.identity() };
      writeDay(context, { stem, identity, datagrams: [makeDatagram({ domain: 'good.example' })], ending: 'open' });
      utimesSync(`${stem}.1.journal`, 0, Date.parse(day === ahead ? '2026-12-01T00:00:00Z' : TIME) / 1_000);
    }
    const { stdout } = await run(['status'], { stateDir: store.path });
    expect(stdout).toContain(`last datagram    ${TIME}\n`);
  });

  it('shows the other days, and ends with what is wrong, when a day is of a newer version', async () => {
    const days = await CollectedDays.make();
    for (const day of [EARLIER, DAY]) days.collect([makeDatagram({ domain: 'good.example' })], { day });
    makeNewer(join(days.store.path, 'sessions', `${DAY}.sqlite`));
    const { code, stdout, stderr } = await run(['status', '--json'], { stateDir: days.store.path });
    expect(code).toBe(65);
    expect(stderr).toContain('store-wrong-schema');
    expect(JSON.parse(stdout)).toMatchObject({
      days: [
        { day: EARLIER, collected: { datagrams: 1 } },
        { day: DAY, collected: { datagrams: 0 }, problems: [{ code: 'store-wrong-schema' }] },
      ],
    });
  });

  it('names the file of a day that version 0.1 left, and shows the other days', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'good.example' })], { day: DAY });
    writeFileSync(join(days.store.path, 'sessions', `${EARLIER}.journal`), 'of 0.1');
    const { code, stdout, stderr } = await run(['status', '--json'], { stateDir: days.store.path });
    expect([code, stderr]).toEqual([
      65,
      expect.stringContaining(`sessions/${EARLIER}.journal holds a journal of version 0.1`),
    ]);
    expect(stderr).toContain('move the file aside');
    expect(JSON.parse(stdout)).toMatchObject({
      days: [
        { day: EARLIER, problems: [{ code: 'store-wrong-schema' }] },
        { day: DAY, collected: { datagrams: 1 } },
      ],
    });
    expect(days.store.sessions.unfinishedDays()).toEqual([]);
  });

  it('refuses what is no day', async () => {
    expect(await run(['status', '--day', '2026-02-30'])).toMatchObject({ code: 64, stdout: '' });
  });
});

describe('tlsrpt status, of the files that send needs for all days', () => {
  it('says which of them cannot be read', async () => {
    const { store } = await CollectedDays.make();
    for (const name of ['destinations', 'host-counts'])
      writeFileSync(join(store.path, `${name}.sqlite`), 'no database');
    const { code, stderr } = await run(['status'], { stateDir: store.path });
    expect(code).toBe(65);
    expect(stderr).toMatch(/store-damaged.*destinations\.sqlite[^]*store-damaged.*host-counts\.sqlite/);
  });
});
