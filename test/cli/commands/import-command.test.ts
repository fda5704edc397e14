import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { processesUsing } from '#support/open-elsewhere.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { recordedDatagrams } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { built, deliveriesOn, install, moved, seen, sessionsOn, TODAY } from '#test/support/sys4-installation.ts';
import type { FetchedDomains } from '#test/support/sys4-reportd.ts';
import { isCountedAlike, sys4Collect } from '#test/support/sys4.ts';
import { until } from '#test/support/until.ts';

const TOMORROW_MS = MORNING_MS + 86_400_000;
const CONTACT = ['--contact', 'tls@sender.example', '--organization', 'Sender'];

function isAboutDomain(bytes: Buffer): boolean {
  const { d } = JSON.parse(bytes.toString()) as { d: string };
  return isUsableDomain(canonicalDomain(d));
}

/** How many sessions the reports about a day give of each domain. */
async function reportedOn(stateDir: string, day: UtcDay, nowMs: number): Promise<Record<string, number>> {
  const { code, stderr } = await run(['report', '--day', day, ...CONTACT], { stateDir, nowMs });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const sums: Record<string, number> = {};
  await (
    await Store.open(stateDir)
  ).outboxes.withReports(day, (reports) => {
    for (const { outgoing } of reports)
      sums[outgoing.policyDomain] = (sums[outgoing.policyDomain] ?? 0) + sessionsIn(outgoing.document);
  });
  return sums;
}

function sessionsIn(document: string): number {
  const { policies } = JSON.parse(document) as { policies: { summary: Record<string, number> }[] };
  return policies.flatMap(({ summary }) => Object.values(summary)).reduce((sum, count) => sum + count, 0);
}

describe('tlsrpt import sys4', () => {
  it('moves in mid-day: what was delivered stays so, what waits is delivered, the rest is reported', async () => {
    const yesterday = [...seen('sent.example', 3), ...seen('waits.example', 2), ...seen('unreported.example', 1)];
    const directory = await install({
      yesterday,
      today: seen('sent.example', 2),
      reports: [
        built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
        built(yesterday, 'waits.example', { 'mailto:tls@waits.example': null, 'mailto:two@waits.example': 'sent' }),
      ],
    });
    const ours = await CollectedDays.make();
    ours.collect(seen('sent.example', 5), { day: TODAY });
    const stateDir = ours.store.path;
    expect(await moved(directory, stateDir)).toMatchObject({ code: 0, stderr: '' });
    expect(await reportedOn(stateDir, DAY, MORNING_MS)).toEqual({
      'sent.example': 3,
      'unreported.example': 1,
      'waits.example': 2,
    });
    expect(await deliveriesOn(stateDir, DAY)).toEqual([
      'mailto:tls@sent.example delivered',
      'mailto:tls@unreported.example queued',
      'mailto:tls@waits.example queued',
      'mailto:two@waits.example delivered',
    ]);
    expect(await reportedOn(stateDir, TODAY, TOMORROW_MS)).toEqual({ 'sent.example': 7 });
  });

  it('reports nothing again of what was recorded from a real mail server', async () => {
    const recorded = recordedDatagrams().filter((bytes) => isCountedAlike(bytes) && isAboutDomain(bytes));
    const tally = sys4Collect(recorded);
    const reports = [...tally.keys()].map((domain) => built(recorded, domain, { [`mailto:tls@${domain}`]: 'sent' }));
    const directory = await install({ yesterday: recorded, reports });
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    await run(['report', '--day', DAY, ...CONTACT, '--dns-server', '127.0.0.1:9'], { stateDir: store.path });
    const states = (await deliveriesOn(store.path, DAY)).map((line) => line.split(' ')[1]);
    expect(new Set(states)).toEqual(new Set(['delivered']));
    expect(states.length).toBe(reports.length);
  });

  it.each([
    ['2026-11-20 11:30:00', '2026-11-20T11:30:00.000Z'],
    ['2026-11-20 11:30:00.250000+00:00', '2026-11-20T11:30:00.250Z'],
    ['2026-11-20T12:30:00+01:00', '2026-11-20T11:30:00.000Z'],
    ['2026-11-19 11:30:00', new Date(MORNING_MS).toISOString()],
    ['2027-11-20 11:30:00', new Date(MORNING_MS).toISOString()],
    ['later', new Date(MORNING_MS).toISOString()],
  ])('delivers what was due at %s from %s on', async (nextTry, expected) => {
    const yesterday = seen('waits.example', 2);
    const reports = [{ ...built(yesterday, 'waits.example', { 'mailto:tls@waits.example': null }), nextTry }];
    const directory = await install({ yesterday, reports });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const [delivery] = (await Store.open(store.path)).outboxes.read(DAY)?.deliveries ?? [];
    expect(new Date(delivery?.nextAttemptMs ?? 0).toISOString()).toBe(expected);
  });

  it('changes nothing when it is run again', async () => {
    const yesterday = seen('waits.example', 2);
    const reports = [built(yesterday, 'waits.example', { 'mailto:tls@waits.example': null })];
    const directory = await install({ yesterday, reports });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const { code, stdout } = await moved(directory, store.path);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        `${directory}/tlsrpt.toml: is there already and stays as it is`,
        `reports about ${DAY} in ${directory}/reportd.sqlite: moved already, 0 delivered, 1 queued`,
        `sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday: moved already`,
        '',
      ].join('\n'),
    );
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@waits.example queued']);
    expect(await reportedOn(store.path, DAY, MORNING_MS)).toEqual({ 'waits.example': 2 });
  });

  it('writes a configuration that loads, and the maps that it names', async () => {
    const directory = await install({ more: 'debug_send_mail_dest = test@sender.example\n' });
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    const configuration = readFileSync(join(directory, 'tlsrpt.toml'), 'utf8');
    expect(configuration).toContain('socket = "/run/t.sock"');
    const maptest = await run(['maptest', 'a.example', 'v=TLSRPTv1;rua=mailto:tls@a.example'], { configuration });
    expect(maptest.stdout).toContain('mailto:test@sender.example');
  });

  it('writes the state directory that it was given into the configuration', async () => {
    const directory = await install({});
    const stateDir = scratchDirectory();
    await moved(directory, relative(process.cwd(), stateDir));
    expect(readFileSync(join(directory, 'tlsrpt.toml'), 'utf8')).toContain(`\nstate_dir = "${stateDir}"\n`);
  });

  it('shows with --dry-run what it would do, and does nothing', async () => {
    const yesterday = seen('sent.example', 2);
    const reports = [built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' })];
    const directory = await install({ yesterday, reports });
    const stateDir = scratchDirectory();
    const { code, stdout } = await moved(directory, stateDir, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        `${directory}/tlsrpt.toml: would be written`,
        'fetcher tlsrpt-fetcher: replaced, since it reads the collector that tlsrpt collect takes the place of',
        `reports about ${DAY} in ${directory}/reportd.sqlite: would be moved, 1 delivered`,
        `sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday: would be moved`,
        '',
      ].join('\n'),
    );
    expect([existsSync(join(directory, 'tlsrpt.toml')), readdirSync(stateDir)]).toEqual([false, []]);
  });

  it('refuses while one of the old programs has its database open, and only says so with --dry-run', async () => {
    const directory = await install({});
    const database = join(directory, 'collectd.sqlite');
    const other = spawn('sleep', ['600'], { stdio: [openSync(database, 'r'), 'ignore', 'ignore'] });
    await until(() => processesUsing(database).some(({ pid }) => pid === other.pid));
    writeFileSync(`${database}-journal`, 'what it has not committed yet');
    const shown = await moved(directory, scratchDirectory(), '--dry-run');
    const { code, stdout, stderr } = await moved(directory, scratchDirectory());
    other.kill('SIGKILL');
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('toml: would be written') as string });
    expect(shown.stderr).toContain(`warning foreign-program-running: Still in use: ${database} by `);
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    expect(stderr).toContain(`error foreign-program-running: Still in use: ${database} by `);
    expect(stderr).toContain(`(${String(other.pid)})`);
  });

  it('names reports that it cannot read, leaves the sessions of their day, and moves the rest', async () => {
    const yesterday = seen('sent.example', 2);
    const odd = { day: DAY, domain: 'odd.example', document: '{"policies":[7]}' };
    const reports = [
      built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
      { ...odd, deliveries: { 'mailto:tls@odd.example': 'sent' } },
    ];
    const directory = await install({ yesterday, today: seen('a.example', 1), reports });
    const { store } = await CollectedDays.make();
    const { code, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stderr).toContain('reports-not-moved');
    expect(stderr).toContain('odd.example');
    expect([await sessionsOn(store.path, DAY), await sessionsOn(store.path, TODAY)]).toEqual([0, 1]);
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@sent.example delivered']);
  });

  it.each([
    ['collectd.sqlite', 'it is no database of tlsrpt-collectd'],
    ['reportd.sqlite', 'it is no database of tlsrpt-reportd'],
  ])('writes nothing when there is a %s that is damaged, and says what is wrong with it', async (name, why) => {
    const directory = await install({});
    writeFileSync(join(directory, name), 'not a database');
    const stateDir = scratchDirectory();
    const { code, stdout, stderr } = await moved(directory, stateDir);
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' });
    expect(stderr).toContain(`error foreign-database-unreadable: ${directory}/${name} cannot be moved: ${why}`);
    expect([existsSync(join(directory, 'tlsrpt.toml')), readdirSync(stateDir)]).toEqual([false, []]);
  });

  it('writes nothing when a program was killed while it wrote to its database', async () => {
    const directory = await install({});
    const journal = join(directory, 'collectd.sqlite-journal');
    writeFileSync(journal, 'pages');
    const { code, stderr } = await moved(directory, scratchDirectory());
    expect(code).toBe(65);
    expect(stderr).toContain(`its program was killed while it wrote, and left ${journal}.`);
    expect(existsSync(join(directory, 'tlsrpt.toml'))).toBe(false);
  });

  it('says what is configured and not there, moves the rest, and does not end well', async () => {
    const yesterday = seen('sent.example', 2);
    const directory = await install({
      reports: [built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' })],
    });
    writeFileSync(join(directory, 'collectd.cfg'), '[tlsrpt_collectd]\nstorage = sqlite:////nonexistent/x.sqlite\n');
    const { store } = await CollectedDays.make();
    const { code, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stderr).toContain(
      'warning foreign-database-missing: Nothing is moved from /nonexistent/x.sqlite (storage), which is not there.',
    );
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@sent.example delivered']);
  });

  it('names the maps in the configuration by whole paths, from wherever it was run', async () => {
    const directory = await install({ more: 'debug_send_mail_dest = test@sender.example\n' });
    const words = ['--from', relative(process.cwd(), directory), '--to', join(directory, 'tlsrpt.toml')];
    await run(['import', 'sys4', ...words]);
    expect(readFileSync(join(directory, 'tlsrpt.toml'), 'utf8')).toContain(
      `mail_map = "${directory}/debug_send_mail_dest.map"`,
    );
  });

  it('names what the old reporter fetched from other hosts and has not reported', async () => {
    const yesterday = seen('sent.example', 2);
    const fetched = (fetcher: string, ...domains: string[]): FetchedDomains => ({ day: DAY, fetcher, domains });
    const directory = await install({
      yesterday,
      reports: [built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' })],
      fetched: [
        fetched('tlsrpt-fetcher', 'sent.example', 'own.example'),
        fetched('ssh mx1 tlsrpt-fetcher', 'sent.example', 'a.example', 'b.example'),
        fetched('sshpass -p hunter2 ssh mx2 tlsrpt-fetcher', 'a.example'),
      ],
    });
    const { store } = await CollectedDays.make();
    for (const words of [['--dry-run'], []]) {
      const { code, stderr } = await moved(directory, store.path, ...words);
      expect(code).toBe(0);
      expect(stderr.trimEnd().split('\n')).toEqual([
        expect.stringContaining(`what "ssh mx1 tlsrpt-fetcher" gave about ${DAY}: 2 domains.`),
        expect.stringContaining(`what "sshpass -p *** ssh mx2 tlsrpt-fetcher" gave about ${DAY}: 1 domain.`),
      ]);
    }
  });

  it('names what the old reporter fetched from this host as well, when the collector has that day no more', async () => {
    const fetched = [{ day: '2026-11-17' as UtcDay, fetcher: 'tlsrpt-fetcher', domains: ['late.example'] }];
    const directory = await install({ yesterday: seen('sent.example', 1), fetched });
    const { store } = await CollectedDays.make();
    const { stderr } = await moved(directory, store.path);
    expect(stderr).toContain(
      'fetched-not-moved: tlsrpt-reportd has fetched and not reported what "tlsrpt-fetcher" gave',
    );
    expect(stderr).toContain('2026-11-17: 1 domain.');
  });

  it('refuses a file of the old programs that is there and cannot be looked at', async () => {
    const directory = await install({});
    rmSync(join(directory, 'collectd.cfg'));
    symlinkSync('collectd.cfg', join(directory, 'collectd.cfg'));
    const { code, stderr } = await moved(directory, scratchDirectory());
    expect(code).toBe(65);
    expect(stderr).toContain(`${directory}/collectd.cfg cannot be read: ELOOP`);
    expect(existsSync(join(directory, 'tlsrpt.toml'))).toBe(false);
  });

  it('writes nothing when a map has a mistake', async () => {
    const directory = await install({});
    const map = join(directory, 'mail.map');
    writeFileSync(map, '. FROBNICATE\n');
    appendFileSync(join(directory, 'reportd.cfg'), `mail_destination_map = ${map}\n`);
    const { code, stderr } = await moved(directory, scratchDirectory());
    expect(code).toBe(78);
    expect(stderr).toContain(`${map}:1`);
    expect(existsSync(join(directory, 'tlsrpt.toml'))).toBe(false);
  });

  it.each([
    [['import', 'mox'], 'import knows one program to move from: tlsrpt import sys4'],
    [
      ['import', 'sys4', '--from', '/nonexistent'],
      'There is none of collectd.cfg, fetcher.cfg, reportd.cfg in /nonexistent',
    ],
  ])('says for %j what can be imported', async (words, message) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });
});
