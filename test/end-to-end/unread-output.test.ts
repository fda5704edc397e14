/**
 * What a command does when nobody takes what it prints: the executable in a pipeline whose end has gone, or writing to a full disk.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';
import { Sending } from '#test/support/sending.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** `behind` stands after the command on a line of bash; the exit code is that of the command. */
async function inShell(words: readonly string[], behind: string): Promise<Ended> {
  const line = `"$@" ${behind}; exit \${PIPESTATUS[0]}`;
  try {
    const { stderr } = await promisify(execFile)('bash', ['-c', line, 'bash', process.execPath, EXECUTABLE, ...words]);
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as Ended;
    return { code, stderr };
  }
}

async function deliverInto(behind: string): Promise<Ended & { readonly delivered: number }> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'good.example', record: 'v=TLSRPTv1;rua=mailto:tls@good.example' })]);
  const sink = await startSmtpSink();
  const words = ['report', '--deliver', '--json', '--day', DAY, '--state-dir', days.store.path];
  const smtp = ['--smtp', `smtp://127.0.0.1:${String(sink.port)}`, '--contact', 'tlsrpt@sender.example'];
  const ended = await inShell([...words, ...smtp], behind);
  await sink.close();
  return { ...ended, delivered: sink.mails.length };
}

describe('report --deliver --json', () => {
  it('delivers also when the reader of its output has gone, and that is no error', async () => {
    expect(await deliverInto('| true')).toEqual({ code: 0, stderr: '', delivered: 1 });
  });

  it.runIf(existsSync('/dev/full'))('delivers also when its output cannot be written, and says so', async () => {
    const { code, stderr, delivered } = await deliverInto('> /dev/full');
    expect([code, delivered]).toEqual([73, 1]);
    expect(stderr).toMatch(/^tlsrpt: standard output cannot be written: ENOSPC/);
  });
});

describe('status', () => {
  it('ends with its own exit code when the reader of its output has gone', async () => {
    const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
    const words = ['status', '--state-dir', sending.store.path];
    expect(await inShell(words, '| true')).toEqual({ code: 0, stderr: '' });
    expect((await inShell(['status', '--state-dir', '/nonexistent/state'], '| true')).code).toBe(78);
  });

  it.runIf(existsSync('/dev/full'))('is no success when what it prints last cannot be written', async () => {
    const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
    const { code, stderr } = await inShell(['status', '--json', '--state-dir', sending.store.path], '> /dev/full');
    expect([code, stderr]).toEqual([
      73,
      expect.stringMatching(/^tlsrpt: standard output cannot be written: ENOSPC.*\n$/),
    ]);
  });
});

describe('send', () => {
  it.runIf(existsSync('/dev/full'))(
    'prints nothing when all is well, so nothing is lost where nothing could be written',
    async () => {
      const sending = await Sending.with({ destinations: [] });
      const words = ['send', '--state-dir', sending.store.path, '--contact', 'tls@sender.example'];
      expect(await inShell(words, '> /dev/full')).toEqual({ code: 0, stderr: '' });
    },
  );
});

describe.each(['--version', '--licenses'])('%s', (word) => {
  it('is no error when the connection to its reader is reset', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    const child = spawn(process.execPath, [EXECUTABLE, word], { stdio: ['ignore', socket, 'inherit'] });
    socket.destroy();
    reader.resetAndDestroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
    server.close();
  });

  it('is no error when its reader has gone', async () => {
    expect(await inShell([word], '| true')).toEqual({ code: 0, stderr: '' });
  });

  it.runIf(existsSync('/dev/full'))('is no success when it cannot be written', async () => {
    expect(await inShell([word], '> /dev/full')).toEqual({
      code: 73,
      stderr: expect.stringMatching(/^tlsrpt: standard output cannot be written: ENOSPC.*\n$/) as string,
    });
  });
});
