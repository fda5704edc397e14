import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';
import { built, deliveriesOn, install, moved, seen } from '#test/support/sys4-installation.ts';

const CONTACT = ['--contact', 'tls@sender.example', '--organization', 'Sender'];

describe('tlsrpt report after tlsrpt import sys4', () => {
  it('names in a dry run what the old reporter built, and a supplement of what it did not report', async () => {
    const yesterday = [...seen('sent.example', 3), ...seen('more.example', 2), ...seen('new.example', 1)];
    const reports = [
      built(yesterday, 'sent.example', { 'mailto:tls@sent.example': 'sent' }),
      built(seen('more.example', 1), 'more.example', { 'mailto:tls@more.example': 'sent' }),
    ];
    const directory = await install({ yesterday, reports });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const shown = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await run(['report', '--day', DAY, ...CONTACT, ...words], { stateDir: store.path });
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .sort();
    };
    const before = await shown('--dry-run');
    expect(before.map((line) => line.replace(/ -> .*?( in the outbox already)?\)$/, '$1'))).toEqual([
      'more.example',
      'more.example in the outbox already',
      'new.example',
      'sent.example in the outbox already',
    ]);
    await shown();
    const ids = (lines: string[]): (string | undefined)[] => lines.map((line) => /\(([^,)]*)/.exec(line)?.[1]).sort();
    const { reports: stored = [] } = (await Store.open(store.path)).outboxes.read(DAY) ?? {};
    expect(ids(before)).toEqual(stored.map(({ reportId }) => reportId).sort());
    expect((await shown('--dry-run', '--domain', 'sent.example')).length).toBe(1);
  });

  it('reports nothing again of a failure whose code nobody knows', async () => {
    const yesterday = [makeDatagram({ domain: 'odd.example', failures: [{ code: 999, receivingIp: '192.0.2.1' }] })];
    const directory = await install({
      yesterday,
      reports: [built(yesterday, 'odd.example', { 'mailto:tls@odd.example': 'sent' })],
    });
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    await run(['report', '--day', DAY, ...CONTACT], { stateDir: store.path });
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@odd.example delivered']);
  });
});
