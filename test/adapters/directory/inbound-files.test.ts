import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inboundFiles } from '#adapters/directory/inbound-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const SOMEBODY = 65_534;

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

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
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

  it('may have names that are not in UTF-8', async () => {
    const directory = scratchDirectory();
    const latin1 = Buffer.from('f\u00fcr.json', 'latin1');
    for (const folder of ['new', 'cur', 'tmp', 'files']) mkdirSync(join(directory, folder));
    for (const folder of ['cur', 'files'])
      writeFileSync(Buffer.concat([Buffer.from(`${directory}/${folder}/`), latin1]), 'saved');
    expect(await sourcesOf([join(directory, 'files')], directory)).toEqual(['files/f\ufffdr.json (found): saved']);
    expect(await sourcesOf([directory], directory)).toEqual(['cur/f\ufffdr.json (found): saved']);
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

  it('are each mail of a Maildir once, and all of it, while another program moves and marks mails', async () => {
    const directory = scratchDirectory();
    for (const folder of ['new', 'cur', 'tmp']) mkdirSync(join(directory, folder));
    for (const name of ['1', '2', '3']) writeFileSync(join(directory, 'new', name), name);
    writeFileSync(join(directory, 'cur', '4:2,'), '4');
    const read: string[] = [];
    for await (const source of inboundFiles([directory], Readable.from([]))) {
      for (const name of ['1', '2', '3'])
        moveIfThere(join(directory, 'new', name), join(directory, 'cur', `${name}:2,S`));
      moveIfThere(join(directory, 'cur', '4:2,'), join(directory, 'cur', '4:2,S'));
      for await (const chunk of source.bytes()) read.push(Buffer.from(chunk).toString());
    }
    expect(read).toEqual(['1', '2', '3', '4']);
  });

  it('say of files that may not be looked at that they cannot be read', async () => {
    const directory = scratchDirectory();
    const closed = join(directory, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, 'a'), 'a');
    chmodSync(directory, 0o755);
    chmodSync(closed, 0o444);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(SOMEBODY);
    const found = await sourcesOf([closed], directory);
    if (isRoot) process.seteuid?.(0);
    expect(found).toEqual(['closed/a (found): EACCES']);
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
