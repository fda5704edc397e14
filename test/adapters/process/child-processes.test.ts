import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { childProcesses } from '#adapters/process/child-processes.ts';
import type { ChildOptions } from '#adapters/process/child-processes.ts';
import type { Part } from '#pipeline/run/part.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { until } from '#test/support/until.ts';

const PATH = process.env['PATH'] ?? '';

function start(script: string, { heard = () => undefined, ...options }: Partial<ChildOptions & Heard> = {}): Part {
  const starter = childProcesses({
    command: [process.execPath, '-e', script, '--'],
    environment: { PATH },
    libc: undefined,
    ...options,
  });
  const part = starter.start(['send', '--now'], heard);
  onTestFinished(() => {
    part.kill();
  });
  return part;
}

interface Heard {
  readonly heard: () => void;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${String(pid)}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

describe('A child process', () => {
  it('ends with its exit code, having had its words', async () => {
    const part = start('process.exitCode = process.argv.slice(1).join(" ") === "send --now" ? 75 : 1');
    expect(await part.ended).toEqual({ kind: 'exited', code: 75 });
  });

  it('is told to end by SIGTERM', async () => {
    expect(await stopped('')).toEqual({ kind: 'killed', signal: 'SIGTERM' });
    expect(await stopped('process.on("SIGTERM", () => process.exit(0));')).toEqual({ kind: 'exited', code: 0 });
  });

  it('is heard', async () => {
    const heard = vi.fn();
    await start('process.send("alive"); process.disconnect();', { heard }).ended;
    expect(heard).toHaveBeenCalledOnce();
  });

  it('is killed with what it has started', async () => {
    const file = join(scratchDirectory(), 'pid');
    const script = `const { pid } = require('node:child_process').spawn('sleep', ['60']);
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(pid)); setInterval(() => {}, 1000);`;
    const part = start(script);
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    part.kill();
    expect(await part.ended).toEqual({ kind: 'killed', signal: 'SIGKILL' });
    const pid = Number(readFileSync(file, 'utf8'));
    await until(() => !isThere(pid));
  });

  it('may be asked to end and be killed after its end', async () => {
    const part = start('');
    const end = await part.ended;
    part.stop();
    part.kill();
    expect(end).toEqual({ kind: 'exited', code: 0 });
  });

  it('hears nothing of what systemd says to its parent', async () => {
    const environment = { PATH, NOTIFY_SOCKET: '/x', LISTEN_FDS: '1', WATCHDOG_USEC: '1', OTHER: '1' };
    const script = `const { NOTIFY_SOCKET, LISTEN_FDS, WATCHDOG_USEC, OTHER } = process.env;
      process.exitCode = [NOTIFY_SOCKET, LISTEN_FDS, WATCHDOG_USEC].every((one) => one === undefined) && OTHER === '1' ? 0 : 1;`;
    expect(await start(script, { environment }).ended).toEqual({ kind: 'exited', code: 0 });
  });

  it('says why it cannot be started', async () => {
    const part = start('', { command: ['/no/such/program'] });
    part.stop();
    part.kill();
    expect(await part.ended).toEqual({ kind: 'not-started', why: expect.stringContaining('ENOENT') as string });
  });
});

describe('Orphans that are left to this process', () => {
  it('are let go, but for children that Node.js itself waits for', () => {
    const reaped: number[] = [];
    const ended = [11, 12];
    const libc = {
      endedChild: (): number | undefined => ended[0],
      reap: (pid: number): void => {
        reaped.push(pid);
        ended.shift();
      },
    };
    childProcesses({ command: ['true'], environment: {}, libc }).reapOrphans();
    expect(reaped).toEqual([11, 12]);
  });

  it('are left to the first process of the system where this is another', () => {
    expect(() => {
      childProcesses({ command: ['true'], environment: {}, libc: undefined }).reapOrphans();
    }).not.toThrow();
  });
});

async function stopped(before: string): Promise<unknown> {
  let isReady = false;
  const part = start(`${before} process.send("alive"); setInterval(() => {}, 1000);`, {
    heard: () => (isReady = true),
  });
  await until(() => isReady);
  part.stop();
  return part.ended;
}
