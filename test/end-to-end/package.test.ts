import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { configurationFile } from '../../scripts/package/configuration-file.ts';
import { tarOf } from '../../scripts/package/tar.ts';

const NOTHING = { environment: {}, flags: {} };

describe('The configuration file of the package', () => {
  it('changes nothing as it is installed', () => {
    const content = configurationFile();
    const before = loadSettings({ ...NOTHING, file: undefined });
    expect(loadSettings({ ...NOTHING, file: { path: 'tlsrpt.toml', content } })).toEqual(before);
  });

  it('is TOML also where every setting is set', () => {
    const uncommented = configurationFile().replace(/^#(?=\w+ = )/gm, '');
    expect(parse(uncommented)).toMatchObject({ keep_days: 30, report: { mx_hosts: true }, send: { parallel: 20 } });
  });
});

describe('An archive of the package', () => {
  it('is one that tar reads: each file with its mode, below its directories', () => {
    const folder = scratchDirectory();
    const content = Buffer.from('#!/bin/sh\necho it runs\n');
    const entries = [
      { path: 'a/b/run', mode: 0o755, content },
      { path: 'a/empty', mode: 0o644, content: Buffer.alloc(0) },
    ];
    writeFileSync(join(folder, 'x.tar'), tarOf(entries, 1_795_132_800, 'top/'));
    const listed = execFileSync('tar', ['-tf', 'x.tar'], { cwd: folder, encoding: 'utf8' });
    expect(listed.trim().split('\n')).toEqual(['top/a/', 'top/a/b/', 'top/a/b/run', 'top/a/empty']);
    execFileSync('tar', ['-xf', 'x.tar'], { cwd: folder });
    expect(execFileSync(join(folder, 'top/a/b/run'), { encoding: 'utf8' })).toBe('it runs\n');
  });
});
