import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { directoryTransport } from '#adapters/directory/directory-transport.ts';
import type { DirectoryDestination } from '#tlsrpt/destination.ts';
import { describeReportTransport, reportWithId } from '#test/contracts/report-transport.contract.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const REPORT = reportWithId('id-1@sender.example');

function destination(path: string): DirectoryDestination {
  return { scheme: 'directory', uri: `directory:${path}`, path };
}

function documentsIn(path: string): string[] {
  return readdirSync(path).map((name) => gunzipSync(readFileSync(join(path, name))).toString('utf8'));
}

describeReportTransport(
  'directoryTransport',
  async (peer) => {
    const path = await mkdtemp(join(tmpdir(), 'tlsrpt-directory-'));
    if (peer === 'temporary') failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    if (peer === 'final') writeFileSync(join(path, reportWithId('id-4@sender.example').fileName), 'foreign');
    if (peer === 'absent') await rm(path, { recursive: true });
    return {
      transport: directoryTransport('json.gz'),
      address: destination(path),
      received: async () =>
        peer === 'final'
          ? []
          : documentsIn(path).map((text) => (JSON.parse(text) as { 'report-id': string })['report-id']),
      keepsCopiesOnce: true,
      stop: async () => {
        healDisk();
        await rm(path, { recursive: true, force: true });
      },
    };
  },
  { peerIsNeverSilent: true },
);

describe('directoryTransport', () => {
  afterEach(healDisk);

  it.each(['x/../../pwn.json.gz', '../pwn.json.gz', '/pwn.json.gz', '..', ''])(
    'writes nothing under the name %j, which may lead out of the directory',
    async (fileName) => {
      const path = join(scratchDirectory(), 'out');
      mkdirSync(join(path, 'x'), { recursive: true });
      const outcome = await directoryTransport('json.gz').deliver({ ...REPORT, fileName }, destination(path));
      expect(outcome).toEqual({ kind: 'refused', reply: `"${fileName}" is not the name of a file` });
      expect([readdirSync(join(path, '..')), readdirSync(path)]).toEqual([['out'], ['x']]);
    },
  );

  it('writes the compressed document under the name of the report, and says where', async () => {
    const path = scratchDirectory();
    const outcome = await directoryTransport('json.gz').deliver(REPORT, destination(path));
    expect(outcome).toEqual({ kind: 'delivered', reply: `written to ${path}/${REPORT.fileName}` });
    expect(readdirSync(path)).toEqual([REPORT.fileName]);
    expect(documentsIn(path)).toEqual([REPORT.document]);
  });

  it('writes it as it is for programs that read no gzip, and knows it again', async () => {
    const path = scratchDirectory();
    const transport = directoryTransport('json');
    await transport.deliver(REPORT, destination(path));
    expect(await transport.deliver(REPORT, destination(path))).toMatchObject({ kind: 'delivered' });
    const name = REPORT.fileName.replace('.json.gz', '.json');
    expect(readdirSync(path)).toEqual([name]);
    expect(readFileSync(join(path, name), 'utf8')).toBe(REPORT.document);
    expect(await transport.deliver({ ...REPORT, document: '{}' }, destination(path))).toMatchObject({
      kind: 'refused',
    });
  });

  it('lets others read the file as the umask allows', async () => {
    const path = scratchDirectory();
    const umask = process.umask(0o027);
    await directoryTransport('json.gz').deliver(REPORT, destination(path));
    process.umask(umask);
    expect(statSync(join(path, REPORT.fileName)).mode & 0o777).toBe(0o640);
  });

  it('takes the same report in another compression for the same', async () => {
    const path = scratchDirectory();
    const stored = gzipSync(REPORT.document, { level: 1 });
    writeFileSync(join(path, REPORT.fileName), stored);
    expect(await directoryTransport('json.gz').deliver(REPORT, destination(path))).toMatchObject({ kind: 'delivered' });
    expect(readFileSync(join(path, REPORT.fileName))).toEqual(stored);
  });

  it.each([
    ['another report', gzipSync('{}')],
    ['a longer one', gzipSync(`${REPORT.document} `)],
    ['something else', Buffer.from('foreign')],
    ['nothing', Buffer.alloc(0)],
    ['what would fill the memory', gzipSync(Buffer.alloc(50_000_000))],
    ['more than a report can have', Buffer.alloc(200_000)],
  ])('leaves a file of that name alone that holds %s', async (_, content) => {
    const path = scratchDirectory();
    writeFileSync(join(path, REPORT.fileName), content);
    expect(await directoryTransport('json.gz').deliver(REPORT, destination(path))).toEqual({
      kind: 'refused',
      reply: `${path}/${REPORT.fileName} is there already, with another content`,
    });
    expect(readFileSync(join(path, REPORT.fileName))).toEqual(content);
  });

  it('leaves a directory of that name alone', async () => {
    const path = scratchDirectory();
    mkdirSync(join(path, REPORT.fileName));
    expect(await directoryTransport('json.gz').deliver(REPORT, destination(path))).toMatchObject({ kind: 'refused' });
  });

  it('makes no directory, since one that is missing may not be mounted', async () => {
    const path = join(scratchDirectory(), 'mounted-later');
    expect(await directoryTransport('json.gz').deliver(REPORT, destination(path))).toMatchObject({
      kind: 'deferred',
      reply: expect.stringContaining('ENOENT') as string,
    });
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it.each(['writeSync', 'fsyncSync', 'renameSync'] as const)(
    'leaves nothing behind when the disk fails at %s',
    async (call) => {
      const path = scratchDirectory();
      failDisk({ call, errno: 'EIO' });
      expect(await directoryTransport('json.gz').deliver(REPORT, destination(path))).toMatchObject({
        kind: 'deferred',
      });
      healDisk();
      expect(readdirSync(path)).toEqual([]);
    },
  );

  it('refuses a report whose name no file can have', async () => {
    const path = scratchDirectory();
    const report = { ...REPORT, fileName: `${'a'.repeat(300)}.json.gz` };
    expect(await directoryTransport('json.gz').deliver(report, destination(path))).toMatchObject({ kind: 'refused' });
  });

  it('takes a mailbox for the bug that it is', () => {
    const mailbox = { scheme: 'mailto', uri: 'mailto:a@x.example', mailbox: 'a@x.example', host: 'x.example' } as const;
    expect(() => directoryTransport('json.gz').deliver(REPORT, mailbox)).toThrow('mailto:a@x.example');
  });
});
