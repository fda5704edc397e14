import { describe, expect, it } from 'vitest';
import { commandFetcher } from '#adapters/command/command-fetcher.ts';
import type { FetcherAnswer } from '#sys4/fetcher.ts';

function ask(script: string, words: readonly string[] = [], wish = {}): Promise<FetcherAnswer> {
  const { maxBytes, timeoutMs } = { maxBytes: 1_000_000, timeoutMs: 60_000, ...wish };
  const fetcher = commandFetcher({ words: [process.execPath, '-e', script, '--'], name: 'a fetcher', timeoutMs });
  return fetcher.ask(words, maxBytes);
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
    expect(await fetcher.ask(['2026-11-19'], 1_000)).toMatchObject({
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
