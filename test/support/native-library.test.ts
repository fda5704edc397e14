/**
 * The executable and the native library inside it: where it is unpacked, and what goes on where it cannot be loaded.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { withoutKoffi } from '#test/support/without-koffi.ts';

const NOBODY = 65_534;
const RECORD_PLACES = `--require ${new URL('record-dlopen.cjs', import.meta.url).pathname}`;

/** Where the native part was loaded from, by a run with TMPDIR. */
async function placesWith(TMPDIR: string, directory: string): Promise<string> {
  const environment = { TMPDIR, NODE_OPTIONS: RECORD_PLACES };
  const words = ['collect', '--stdin', '--state-dir', join(scratchDirectory(), 'state')];
  const { stderr, exitCode } = await runTlsrpt(words, { environment, directory });
  expect(exitCode).toBe(0);
  return /^dlopen (.+)$/m.exec(stderr)?.[1] ?? 'none';
}

describe('The native library', () => {
  it('is unpacked below TMPDIR, and leaves nothing there', async () => {
    const directory = scratchDirectory();
    expect(await placesWith(directory, '/')).toMatch(new RegExp(`^${directory}/tlsrpt-[^/]+/koffi\\.node$`));
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    [
      'that others can write to',
      (path: string) => {
        chmodSync(path, 0o777);
      },
    ],
    [
      'that belongs to somebody else',
      (path: string) => {
        chownSync(path, NOBODY, NOBODY);
      },
    ],
  ])('is not unpacked into a directory %s, whether TMPDIR or the working directory', async (_what, spoil) => {
    const directory = join(scratchDirectory(), 'spoilt');
    mkdirSync(directory);
    spoil(directory);
    for (const TMPDIR of [directory, '.']) {
      const place = await placesWith(TMPDIR, directory);
      expect(place).toMatch(/koffi\.node$/);
      expect(place.startsWith(directory)).toBe(false);
    }
  });
});

describe('Without the native library', () => {
  it('a socket cannot be received on: collect ends with 69 and names the other ways in', async () => {
    const directory = scratchDirectory();
    const words = ['collect', '--state-dir', join(directory, 'state'), '--socket', join(directory, 'socket')];
    const { exitCode, stderr } = await runTlsrpt(words, { environment: withoutKoffi });
    expect(exitCode).toBe(69);
    for (const remedy of ['native-library-unavailable', 'TMPDIR', '--stdin']) expect(stderr).toContain(remedy);
    expect(existsSync(join(directory, 'socket'))).toBe(false);
  });

  it('standard input is collected', async () => {
    const state = join(scratchDirectory(), 'state');
    const stdin = Buffer.concat([makeDatagram({ domain: 'one.example' }), Buffer.from('\n')]);
    const words = ['collect', '--stdin', '--state-dir', state];
    expect(await runTlsrpt(words, { environment: withoutKoffi, stdin })).toMatchObject({ exitCode: 0 });
    const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state], { environment: withoutKoffi });
    expect(stdout).toMatch(/"datagrams":\s*1\b/);
  });

  it('files are locked all the same, for those that have the library', async () => {
    const directory = scratchDirectory();
    const state = join(directory, 'state');
    const collector = startCollector(state, join(directory, 'socket'));
    await collector.said('collector-ready');
    const words = ['collect', '--stdin', '--state-dir', state];
    const { exitCode, stderr } = await runTlsrpt(words, { environment: withoutKoffi });
    expect([exitCode, stderr]).toEqual([75, expect.stringContaining(`process ${String(collector.pid)}`)]);
  });
});

function startCollector(state: string, socket: string): StartedRun {
  const run = startTlsrpt(['collect', '--state-dir', state, '--socket', socket]);
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  return run;
}
