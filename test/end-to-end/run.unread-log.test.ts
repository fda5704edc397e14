/**
 * Everything in one, with a log that is a pipe of which nobody reads any more, as where a container's log driver stands still.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { collectedIn } from '#test/support/collected-in.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { EXECUTABLE, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { until } from '#test/support/until.ts';

const BURST = Array.from({ length: 500 }, (_, index) => makeDatagram({ domain: `${String(index)}.example` }));
const UNREADABLE = Buffer.from('no JSON');
const LONG_MS = 120_000;

/** A pipe with a name, and what fills it. It has a reader, who reads nothing. */
function unreadPipe(): { readonly path: string; fill(): void } {
  const path = join(scratchDirectory(), 'log');
  execFileSync('mkfifo', [path]);
  const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => {
    closeSync(end);
  });
  return {
    path,
    fill: () => {
      for (const size of [4_096, 1])
        try {
          for (;;) writeSync(end, Buffer.alloc(size, '\n'));
        } catch {
          // That much does not fit in any more.
        }
    },
  };
}

/** In place of the executable: what it says goes into the pipe. */
function executableInto(pipe: string): string {
  const shell = join(scratchDirectory(), 'shell.cjs');
  writeFileSync(
    shell,
    `const { spawn } = require('node:child_process');
     const log = require('node:fs').openSync(${JSON.stringify(pipe)}, 'a');
     const child = spawn(process.execPath, [${JSON.stringify(EXECUTABLE)}, ...process.argv.slice(2)], { stdio: ['ignore', log, log] });
     process.on('SIGTERM', () => child.kill('SIGTERM'));
     child.on('exit', (code) => process.exit(code));`,
  );
  return shell;
}

it(
  'A log that nobody reads keeps run and its collector from nothing, also after other parts have come and gone',
  async () => {
    const directory = scratchDirectory();
    const [socket, state] = [join(directory, 'tlsrpt.sock'), join(directory, 'state')];
    const places = ['--socket', socket, '--state-dir', state];
    const pipe = unreadPipe();
    const words = ['run', ...places, '--contact', 'tlsrpt@sender.example', '--smtp', 'smtp://127.0.0.1:1'];
    const run = startTlsrpt([...words, '--dns-server', '127.0.0.1:1'], { executable: executableInto(pipe.path) });
    onTestFinished(() => {
      for (const pid of [run.pid, ...descendantsOf(run.pid)]) killIfThere(pid);
    });
    // What is run at the start has run: run itself and the collector are left.
    await until(() => existsSync(join(state, 'runs.json')) && descendantsOf(run.pid).length === 2);
    pipe.fill();
    sendDatagrams(socket, [UNREADABLE]);
    await until(() => existsSync(join(state, 'quarantine')));
    sendDatagrams(socket, BURST);
    run.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(0);
    const counts = Object.values(await collectedIn(state));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(BURST.length + 1);
  },
  LONG_MS,
);

function descendantsOf(pid: number): number[] {
  let list = '';
  try {
    list = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  } catch {
    // It is gone.
  }
  const children = list.split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
