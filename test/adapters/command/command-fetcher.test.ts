import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { commandFetcher } from '#adapters/command/command-fetcher.ts';
import type { FetcherAnswer, FetcherBounds } from '#sys4/fetcher.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { until } from '#test/support/until.ts';

interface Wish extends FetcherBounds {
  readonly timeoutMs: number;
}

function ask(script: string, words: readonly string[] = [], wish: Partial<Wish> = {}): Promise<FetcherAnswer> {
  const { maxBytes, timeoutMs, signal }: Wish = { maxBytes: 1_000_000, timeoutMs: 60_000, signal: undefined, ...wish };
  const fetcher = commandFetcher({ words: [process.execPath, '-e', script, '--'], name: 'a fetcher', timeoutMs });
  return fetcher.ask(words, { maxBytes, signal });
}

/** One that has ended and that nobody has waited for is not. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

describe('commandFetcher', () => {
  it('gives what the program prints, with the words added as they are', async () => {
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    expect(await ask(script, ['2026-11-19', '$(reboot); "a b"'])).toEqual({
      kind: 'answered',
      text: '["2026-11-19","$(reboot); \\"a b\\""]',
    });
  });

  it('gives all of a large answer', async () => {
    const answer = await ask("process.stdout.write('x'.repeat(900_000))");
    expect(answer.kind === 'answered' && answer.text.length).toBe(900_000);
  });

  it('says how a program failed, and what it complained about, in one line', async () => {
    const script = "console.log('half'); console.error('no\\nroute'); process.exitCode = 255";
    expect(await ask(script)).toEqual({ kind: 'unreachable', why: 'it ended with 255: no; route' });
  });

  it.each([126, 127])('refuses a program that the other host does not find (%i)', async (code) => {
    expect(await ask(`process.exitCode = ${String(code)}`)).toMatchObject({ kind: 'refused' });
  });

  it('refuses a program that is not there', async () => {
    const fetcher = commandFetcher({ words: ['/nonexistent/fetcher'], name: 'a fetcher', timeoutMs: 60_000 });
    expect(await fetcher.ask(['2026-11-19'], { maxBytes: 1_000, signal: undefined })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('/nonexistent/fetcher') as string,
    });
  });

  it('ends a program that does not end in time', async () => {
    expect(await ask('setInterval(() => {}, 1e6)', [], { timeoutMs: 300 })).toEqual({
      kind: 'unreachable',
      why: 'it did not end within 0.3 s',
    });
  });

  it('ends with a program that is given up what that has started, however many steps away', async () => {
    const pids = join(scratchDirectory(), 'pids');
    const script = `const shell = 'sh -c "echo \\$\\$ >> ${pids}; sleep 60 & echo \\$! >> ${pids}; wait" & echo $! >> ${pids}; wait';
      require('node:child_process').spawnSync('sh', ['-c', shell]);`;
    const controller = new AbortController();
    const answer = ask(script, [], { signal: controller.signal });
    const started = (): number[] => (existsSync(pids) ? readFileSync(pids, 'utf8').split('\n').map(Number) : []);
    await until(() => started().length === 4);
    controller.abort(new Error('it took too long'));
    expect(await answer).toMatchObject({ kind: 'unreachable' });
    await until(() => !started().some((pid) => pid > 0 && isRunning(pid)));
  });

  it('begins none once it is given up', async () => {
    const begun = join(scratchDirectory(), 'begun');
    const signal = AbortSignal.abort(new Error('it took too long'));
    const script = `require('node:fs').writeFileSync(${JSON.stringify(begun)}, '')`;
    expect(await ask(script, [], { signal })).toEqual({ kind: 'unreachable', why: 'it took too long' });
    await ask('');
    expect(existsSync(begun)).toBe(false);
  });

  it.each([
    [0, 'ignore', { kind: 'answered', text: 'the answer' }],
    [0, 'inherit', { kind: 'answered', text: 'the answer' }],
    [255, 'ignore', { kind: 'unreachable', why: 'it ended with 255: no route' }],
    [255, 'inherit', { kind: 'unreachable', why: 'it ended with 255: no route' }],
  ])(
    'does not wait for what a program that ended with %i has left behind, as ssh with ControlPersist does (stdout: %s)',
    async (code, stdout, expected) => {
      const script = `const child = require('node:child_process').spawn(process.execPath,
        ['-e', 'setTimeout(() => {}, 30_000)'], { stdio: ['ignore', '${stdout}', 'inherit'], detached: true });
      require('node:fs').writeFileSync(process.argv[1], String(child.pid));
      console.error('no route');
      process.stdout.write('the answer', () => process.exit(${String(code)}));`;
      const pidFile = join(scratchDirectory(), 'pid');
      const answer = await ask(script, [pidFile], { timeoutMs: 20_000 });
      process.kill(Number(readFileSync(pidFile, 'utf8')));
      expect(answer).toEqual(expected);
    },
  );

  it('gives all that was printed while what a program left behind holds its output', async () => {
    const pidFile = join(scratchDirectory(), 'pid');
    const script = 'sleep 30 & echo $! > "$1"; head -c 900000 /dev/zero; exit 0';
    const fetcher = commandFetcher({ words: ['sh', '-c', script, 'sh'], name: 'a fetcher', timeoutMs: 20_000 });
    const answer = await fetcher.ask([pidFile], { maxBytes: 1_000_000, signal: undefined });
    process.kill(Number(readFileSync(pidFile, 'utf8')));
    expect(answer.kind === 'answered' && answer.text.length).toBe(900_000);
  });

  it('ends a program that is given up, and says why', async () => {
    const controller = new AbortController();
    const given = setTimeout(50).then(() => {
      controller.abort(new Error('it took too long'));
    });
    expect(await ask('setInterval(() => {}, 1e6)', [], { signal: controller.signal })).toEqual({
      kind: 'unreachable',
      why: 'it took too long',
    });
    await given;
  });

  it('ends a program that prints too much', async () => {
    const script = "setInterval(() => process.stdout.write('x'.repeat(1000)), 1)";
    expect(await ask(script, [], { maxBytes: 5_000 })).toMatchObject({ kind: 'refused' });
  });

  it('says that a program was killed', async () => {
    expect(await ask("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e6)")).toEqual({
      kind: 'unreachable',
      why: 'it ended with a signal',
    });
  });
});
