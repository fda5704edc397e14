/**
 * The executable that is told to end while it fetches: nothing that it has started goes on, and what came before is kept.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { until } from '#test/support/until.ts';

interface Fetching {
  readonly run: StartedRun;
  readonly stateDir: string;
  readonly good: string;
  /** The command, which does not care for SIGTERM, and what it has started. */
  readonly started: readonly number[];
}

/** From a host whose day is here already when it returns, and from a command that hangs. */
async function fetching(): Promise<Fetching> {
  const [place, stateDir] = [scratchDirectory(), scratchDirectory()];
  const host = await CollectedDays.make();
  host.collect([makeDatagram({ domain: 'a.example' })]);
  const [script, pids] = [join(place, 'hanging-source'), join(place, 'pids')];
  writeFileSync(script, `trap '' TERM INT HUP\necho $$ > ${pids}\nsleep 600 & echo $! >> ${pids}\nwait\n`);
  const good = host.store.path;
  const words = ['fetch', good, `sh ${script}`, '--day', DAY, '--state-dir', stateDir];
  const run = startTlsrpt(words);
  const started = (): number[] => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []);
  await until(() => started().length === 2);
  onTestFinished(() => {
    for (const pid of [run.pid, ...started()]) killIfThere(pid);
  });
  const { fetched } = await Store.open(stateDir);
  await until(() => fetched.allDays().length === 1 && fetched.resultDays().length === 1);
  return { run, stateDir, good, started: started() };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${String(pid)}`) && !readFileSync(`/proc/${String(pid)}/stat`, 'latin1').includes(') Z ');
}

describe('tlsrpt fetch', () => {
  it('ends in order with the commands that it has started, keeps what came, and holds nothing against the other', async () => {
    const { run, stateDir, good, started } = await fetching();
    run.kill('SIGTERM');
    const { exitCode, stderr } = await run.ended;
    await until(() => !started.some(isRunning));
    expect([exitCode, stderr]).toEqual([75, expect.stringMatching(/^\S+ warning fetch-stopping: [^\n]+\n$/)]);
    const { fetched } = await Store.open(stateDir);
    expect(fetched.folders()).toEqual([fetched.folderOf(good)]);
    expect(JSON.parse(readFileSync(join(stateDir, `fetched/.results/${DAY}.json`), 'utf8'))).toMatchObject({
      [good]: { result: 'fetched' },
    });
  });

  it('leaves none of them behind either when a second signal ends it at once', async () => {
    const { run, started } = await fetching();
    run.kill('SIGTERM');
    await run.said('fetch-stopping');
    run.kill('SIGTERM');
    await run.ended;
    await until(() => !started.some(isRunning));
  });
});
