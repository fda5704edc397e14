/**
 * What is no file lies where one of a day should be: nobody waits for it, and it is that day's trouble alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { sourceFolder } from '#store/fetched/source-folder.ts';
import { run } from '#test/support/run-program.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [DAY, OTHER_DAY] = ['2026-11-19', '2026-11-20'] as [UtcDay, UtcDay];

/** In the morning after both. */
const AFTER_MS = Date.UTC(2026, 10, 21, 6);

/** One datagram of the other day. */
async function stateDirectory(): Promise<string> {
  const state = join(scratchDirectory(), 'state');
  const stdin = linesOf([makeDatagram({ domain: 'a.example' })]);
  await runTlsrpt(['collect', '--stdin', '--day', OTHER_DAY, '--state-dir', state], { stdin });
  return state;
}

const makePipe = (path: string): unknown => execFileSync('mkfifo', [path]);

describe('In the place of a file of a day', () => {
  it.each([
    ['a pipe', '1.journal', makePipe],
    ['a pipe', 'sqlite', makePipe],
    [
      'a link to itself',
      '1.journal',
      (path: string) => {
        symlinkSync(path, path);
      },
    ],
  ])('%s (%s) is named by status, which shows the other days', async (_what, ending, make) => {
    const state = await stateDirectory();
    make(join(state, 'sessions', `${DAY}.${ending}`));
    const { exitCode, stdout, stderr } = await runTlsrpt(['status', '--state-dir', state]);
    expect([exitCode, stderr]).toEqual([65, expect.stringContaining('store-not-readable')]);
    expect(stderr).toContain(DAY);
    expect(stdout).toMatch(new RegExp(`${OTHER_DAY} +1 `));
  });

  it('a pipe keeps the collector neither from receiving nor from ending', async () => {
    const state = await stateDirectory();
    makePipe(join(state, 'sessions', `${DAY}.1.journal`));
    const socket = join(state, 'socket');
    const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state]);
    onTestFinished(() => {
      collector.kill('SIGKILL');
    });
    await collector.said('checkpoint-failed');
    collector.kill('SIGTERM');
    expect((await collector.ended).exitCode).toBe(0);
  });
});

describe('A pipe in the place of a small note', () => {
  /** Every one that a run leaves for the next. */
  const notes = (source: string): string[] => [
    'runs.json',
    'reported-days.json',
    'day-ages.json',
    `fetched/.results/${OTHER_DAY}.json`,
    'fetched/.identities.json',
    `fetched/${sourceFolder(source)}/${OTHER_DAY}.original`,
  ];

  function runKilledInTheEnd(words: readonly string[]): Promise<EndedRun> {
    const started = startTlsrpt(words);
    onTestFinished(() => {
      started.kill('SIGKILL');
    });
    return started.ended;
  }

  async function stateWithPipes(): Promise<{ state: string; source: string }> {
    const hosts = [await CollectedDays.make(), await CollectedDays.make()] as const;
    for (const host of hosts) host.collect([makeDatagram({ domain: 'a.example' })], { day: OTHER_DAY });
    const [state, source] = [hosts[0].store.path, hosts[1].store.path];
    const fetched = await run(['fetch', source, '--day', OTHER_DAY], { stateDir: state, nowMs: AFTER_MS });
    expect(fetched.code).toBe(0);
    for (const note of notes(source).map((name) => join(state, name))) {
      rmSync(note, { force: true });
      mkdirSync(dirname(note), { recursive: true });
      makePipe(note);
    }
    return { state, source };
  }

  it('keeps nobody waiting: what it should say is not known, and is named where somebody has to know', async () => {
    const { state, source } = await stateWithPipes();
    const status = await runKilledInTheEnd(['status', '--state-dir', state]);
    expect([status.exitCode, status.stdout]).toEqual([0, expect.stringMatching(new RegExp(`${OTHER_DAY} +2 `))]);
    for (const name of [`.results/${OTHER_DAY}.json`, '.identities.json'])
      expect(status.stderr).toMatch(new RegExp(`fetched-left-out: .*${name} cannot be read.*move that aside`));
    const report = ['report', '--day', OTHER_DAY, '--contact', 'postmaster@a.example', '--state-dir', state];
    expect((await runKilledInTheEnd(report)).exitCode).toBe(0);
    const fetched = await runKilledInTheEnd(['fetch', source, '--day', OTHER_DAY, '--state-dir', state]);
    expect([fetched.exitCode, fetched.stderr]).toEqual([0, expect.stringContaining('fetched-left-out')]);
  });
});
