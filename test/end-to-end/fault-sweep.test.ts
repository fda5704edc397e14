/**
 * The executable, each of whose disk calls fails once, one run for each. Afterwards everything that was counted is on the disk, or it has
 * ended non-zero and said so; the next run needs nobody's help. The errors take turns; the store alone sees each call fail with each error
 * in the sweeps of test/store.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { DeliveryStage } from '#test/support/delivery-stage.ts';
import { FailingCall } from '#test/support/failing-call.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';

const LONG_MS = 600_000;
const PARALLEL = 4;
/** An even sample; TLSRPT_SWEEP=all lets every call fail, which takes a quarter of an hour. Coprime to the number of errors, so they take turns. */
const EVERY = process.env['TLSRPT_SWEEP'] === 'all' ? 1 : 11;
const ERRNOS = ['EIO', 'ENOSPC', 'EMFILE', 'ENOENT', 'EACCES'];
const DAY = '2026-01-02';
const DATAGRAMS = ['a', 'b', 'c'].map((name) => makeDatagram({ domain: `${name}.example` }));

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tlsrpt-sweep-'));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;
type Attempt = (environment: Environment, state: string) => Promise<void>;

/** Attempts with a later call failing each time, until there is none; returns what went wrong with which. */
async function sweep(name: string, attempt: Attempt): Promise<{ calls: number; failures: string[] }> {
  const failures: string[] = [];
  let [next, calls, isOver] = [1, 0, false];
  const goOn = async (): Promise<void> => {
    while (!isOver) {
      const at = next;
      next += EVERY;
      const directory = join(root, `${name}-${String(at)}`);
      const fault = new FailingCall({ directory, at, errno: ERRNOS[at % ERRNOS.length] ?? 'EIO' });
      const error = await attempt(fault.environment, directory).then(
        () => undefined,
        (reason: unknown) => String(reason),
      );
      const [happened] = fault.happened();
      fault.remove();
      if (error !== undefined) failures.push(`call ${String(at)}, ${happened ?? 'none'}: ${error}`);
      if (happened === undefined) isOver = true;
      else calls = Math.max(calls, at);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, goOn));
  return { calls, failures };
}

/** What was collected, by domain; a clean end is a promise that it is all. */
async function checkCollected(state: string, { exitCode, stderr }: EndedRun): Promise<void> {
  const { byDomain } = storedSessions(await Store.open(state));
  const counts = [...byDomain].map(([domain, { successful }]) => [domain, successful]);
  const all = ['a', 'b', 'c'].map((name) => [`${name}.example`, 1]);
  if (exitCode === 0) expect([counts, stderr]).toEqual([all, stderr]);
  else {
    expect(stderr).toMatch(/error [a-z-]+/);
    expect(stderr).not.toContain('collector-stopped');
    expect(stderr).not.toContain('internal-error');
    for (const count of counts) expect(all).toContainEqual(count);
  }
}

async function checkNextRun(state: string): Promise<void> {
  const next = await runTlsrpt(['collect', '--stdin', '--day', DAY, '--state-dir', state]);
  expect(next).toMatchObject({ exitCode: 0 });
  expect(next.stderr).not.toMatch(/damaged|set-aside|error/);
}

describe('Each disk call that fails once', () => {
  it(
    'costs a collector of lines nothing that it does not admit',
    async () => {
      const { calls, failures } = await sweep('lines', async (environment, state) => {
        const words = ['collect', '--stdin', '--day', DAY, '--state-dir', state];
        const run = await runTlsrpt(words, { environment, stdin: linesOf(DATAGRAMS) });
        await checkCollected(state, run);
        await checkNextRun(state);
        await checkCollected(state, run);
      });
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(20);
    },
    LONG_MS,
  );

  it(
    'costs no report and no delivery, and doubles none',
    async () => {
      const stage = await DeliveryStage.make(join(root, 'delivery'));
      let scenes = 0;
      const { calls, failures } = await sweep('deliver', (environment) =>
        stage.play(`scene-${String((scenes += 1))}`, async (scene) => {
          const faulty = { ...environment, FAULT_DIRECTORY: scene.store.path };
          const { exitCode, stderr } = await runTlsrpt(scene.reportWords(), { environment: faulty });
          if (exitCode !== 0) expect(stderr).toMatch(/error [a-z-]+|deferred|warning/);
          expect(stderr).not.toContain('internal-error');
          await scene.recoverAndCheck();
        }),
      );
      expect(failures).toEqual([]);
      expect(calls).toBeGreaterThan(20);
    },
    LONG_MS,
  );
});
