import { describe, expect, it } from 'vitest';
import { ownOutput } from '#adapters/process/own-output.ts';
import type { OwnCommandOptions, OwnOutput } from '#adapters/process/own-output.ts';

/** Node.js stands for the program, a script for its words. */
function outputOf(script: string, options: Partial<OwnCommandOptions> = {}): Promise<OwnOutput> {
  return ownOutput([script], {
    command: [process.execPath, '-e'],
    environment: process.env,
    deadlineMs: 60_000,
    stopping: new AbortController().signal,
    ...options,
  });
}

describe('What this program prints with another command', () => {
  it('is read, whatever the exit code', async () => {
    const script = 'console.log("numbers"); console.error("complaint"); process.exitCode = 69';
    expect(await outputOf(script)).toEqual({ kind: 'read', text: 'numbers\n' });
  });

  it('costs others little, as it gives way to them', async () => {
    expect(await outputOf('setTimeout(() => console.log(require("os").getPriority()), 100)')).toEqual({
      kind: 'read',
      text: '10\n',
    });
  });

  it('has failed where it prints nothing, with what it complains about', async () => {
    const output = await outputOf('console.error("no such directory"); process.exitCode = 78');
    expect(output).toEqual({ kind: 'failed', why: 'it ended with exit code 78: no such directory' });
  });

  it('has failed when it takes too long', async () => {
    const output = await outputOf('setInterval(() => undefined, 1000)', { deadlineMs: 200 });
    expect(output).toEqual({ kind: 'failed', why: 'it took longer than 0.2 s' });
  });

  it('has failed when it has no end', async () => {
    const output = await outputOf('for (;;) require("fs").writeSync(1, "a".repeat(65536))');
    expect(output).toEqual({ kind: 'failed', why: 'it printed too much' });
  });

  it('has failed when it is killed, whatever it had printed', async () => {
    const output = await outputOf('require("fs").writeSync(1, "half"); process.kill(process.pid, "SIGKILL")');
    expect(output).toMatchObject({ kind: 'failed', why: expect.stringContaining('SIGKILL') as string });
  });

  it('has failed where it cannot be started', async () => {
    const output = await outputOf('', { command: ['/nowhere/tlsrpt'] });
    expect(output).toMatchObject({ kind: 'failed', why: expect.stringContaining('ENOENT') as string });
  });

  it('is given up when everything stops', async () => {
    const stop = new AbortController();
    const output = outputOf('setInterval(() => undefined, 1000)', { stopping: stop.signal });
    stop.abort();
    expect(await output).toEqual({ kind: 'failed', why: 'it was stopped' });
  });

  it('does not pass on what systemd says to this process', async () => {
    const environment = { ...process.env, NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1', TLSRPT_STATE_DIR: '/srv' };
    const script =
      'console.log(JSON.stringify([process.env.NOTIFY_SOCKET, process.env.WATCHDOG_USEC, process.env.TLSRPT_STATE_DIR]))';
    expect(await outputOf(script, { environment })).toEqual({ kind: 'read', text: '[null,null,"/srv"]\n' });
  });
});
