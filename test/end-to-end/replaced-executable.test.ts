/**
 * The file of the executable replaced, and then removed, while it collects: as a package manager does.
 */
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { EXECUTABLE, runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

const datagrams = (count: number): Buffer[] =>
  Array.from({ length: count }, () => makeDatagram({ domain: 'one.example' }));

describe('A collector whose executable is replaced and removed', () => {
  it('goes on receiving', async () => {
    const directory = scratchDirectory();
    const [executable, socket, state] = ['tlsrpt', 'socket', 'state'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    copyFileSync(EXECUTABLE, executable);
    const words = ['collect', '--socket', socket, '--state-dir', state];
    const collector = startTlsrpt(words, { executable });
    onTestFinished(() => {
      collector.kill('SIGKILL');
    });
    await collector.said('collector-ready');
    sendDatagrams(socket, datagrams(10));
    writeFileSync(executable, 'not a program any more');
    sendDatagrams(socket, datagrams(10));
    writeFileSync(join(directory, 'new'), 'throw new Error("another program");');
    renameSync(join(directory, 'new'), executable);
    sendDatagrams(socket, datagrams(10));
    rmSync(executable);
    sendDatagrams(socket, datagrams(10));
    while ((await datagramsIn(state)) < 40);
    expect(collector.stderr()).toMatch(/^\S+ info collector-ready: [^\n]+\n$/);
  });
});

async function datagramsIn(state: string): Promise<number> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as { days: { collected: { datagrams: number } }[] };
  return days.reduce((total, { collected }) => total + collected.datagrams, 0);
}
