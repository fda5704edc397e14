import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inboundFiles } from '#adapters/directory/inbound-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** Of each source its name without `directory`, whether it was named, and its content or the error. */
async function sourcesOf(words: readonly string[], directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const source of inboundFiles(words, Readable.from([Buffer.from('typed')]))) {
    const { name, isNamed } = source;
    const label = `${name.replace(`${directory}/`, '')}${isNamed ? '' : ' (found)'}`;
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source.bytes()) chunks.push(chunk);
      found.push(`${label}: ${Buffer.concat(chunks).toString()}`);
    } catch (error) {
      found.push(`${label}: ${String((error as NodeJS.ErrnoException).code)}`);
    }
  }
  return found;
}

describe('files as sources', () => {
  it('are standard input, files, and those in a directory in the order of their names', async () => {
    const directory = scratchDirectory();
    for (const name of ['b', 'a', '.hidden']) writeFileSync(join(directory, name), name);
    mkdirSync(join(directory, 'below'));
    writeFileSync(join(directory, 'below', 'c'), 'c');
    symlinkSync('a', join(directory, 'link'));
    symlinkSync('nowhere', join(directory, 'lost'));
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const words = ['-', join(directory, 'b'), directory, join(directory, 'missing')];
    expect(await sourcesOf(words, directory)).toEqual([
      '-: typed',
      'b: b',
      'a (found): a',
      'b (found): b',
      'link (found): a',
      'missing: ENOENT',
    ]);
  });

  it('are the mails of a Maildir, new ones first, without those that are being delivered', async () => {
    const directory = scratchDirectory();
    for (const folder of ['new', 'cur', 'tmp']) {
      mkdirSync(join(directory, folder));
      writeFileSync(join(directory, folder, `1.${folder}`), folder);
    }
    writeFileSync(join(directory, 'dovecot-uidlist'), '');
    expect(await sourcesOf([directory], directory)).toEqual(['new/1.new (found): new', 'cur/1.cur (found): cur']);
  });

  it.skipIf(process.getuid?.() === 0)('say of files that may not be looked at that they cannot be read', async () => {
    const directory = scratchDirectory();
    const closed = join(directory, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'a'), 'a');
    chmodSync(closed, 0o444);
    expect(await sourcesOf([closed], directory)).toEqual(['closed/a (found): EACCES']);
    chmodSync(closed, 0o755);
  });

  it('say of a directory that it cannot be read', async () => {
    const directory = scratchDirectory();
    const closed = join(directory, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0);
    const isRoot = process.getuid?.() === 0;
    expect(await sourcesOf([closed], directory)).toEqual(isRoot ? [] : ['closed: EACCES']);
  });
});
