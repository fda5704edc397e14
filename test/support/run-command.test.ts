import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { readCommand, runCommand } from '#support/run-command.ts';
import { scratchDirectory } from './scratch.ts';

describe('A command of the system', () => {
  it('ends with its exit code and what it complained about', () => {
    expect(runCommand('sh', ['-c', 'echo no >&2; exit 3'], [])).toEqual({ exitCode: 3, complaint: 'no' });
  });

  it.each([':/usr/bin:/bin', '.:/usr/bin:/bin', '/usr/bin::/bin', ''])(
    'is never one of the current directory, with PATH=%j',
    (path) => {
      const [directory, before] = [scratchDirectory(), process.cwd()];
      writeFileSync(join(directory, 'in-current-directory'), '#!/bin/sh\n', { mode: 0o755 });
      process.chdir(directory);
      vi.stubEnv('PATH', path);
      const results = [runCommand('in-current-directory', [], []), readCommand('in-current-directory', [])];
      vi.unstubAllEnvs();
      process.chdir(before);
      expect(results.map(({ exitCode }) => exitCode)).toEqual([undefined, undefined]);
    },
  );

  it('has the descriptors that it is given', () => {
    const path = join(scratchDirectory(), 'file');
    const fd = openSync(path, 'w');
    expect(runCommand('sh', ['-c', 'echo through >&3'], [undefined, fd]).exitCode).toBe(0);
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('through\n');
  });

  it('sees nothing of the environment but PATH', () => {
    vi.stubEnv('LISTEN_FDS', '1');
    expect(runCommand('sh', ['-c', 'echo "$LISTEN_FDS$HOME" >&2'], []).complaint).toBe('');
    vi.unstubAllEnvs();
  });

  it('has no exit code when it cannot be run', () => {
    const directory = join(scratchDirectory(), 'empty');
    mkdirSync(directory);
    vi.stubEnv('PATH', directory);
    expect(runCommand('flock', [], [])).toMatchObject({
      exitCode: undefined,
      complaint: expect.stringContaining('ENOENT') as string,
    });
    vi.unstubAllEnvs();
  });
});

describe('A command whose output is read', () => {
  it('ends with its exit code, what it printed and what it complained about', () => {
    expect(readCommand('sh', ['-c', 'echo yes; echo no >&2; exit 3'])).toEqual({
      exitCode: 3,
      output: 'yes\n',
      complaint: 'no',
      isMissing: false,
    });
  });

  it('is found where administrators have theirs, and sees nothing of the environment but PATH and a plain locale', () => {
    vi.stubEnv('LISTEN_FDS', '1');
    expect(readCommand('sh', ['-c', 'echo "$LISTEN_FDS$HOME$LC_ALL ${PATH##*:}"']).output).toBe('C /sbin\n');
    vi.unstubAllEnvs();
  });

  it('is found where there is no PATH, and never in the current directory', () => {
    const directory = scratchDirectory();
    const [path, before] = [join(directory, 'in-current-directory'), process.cwd()];
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
    process.chdir(directory);
    vi.stubEnv('PATH', undefined);
    expect(readCommand('true', []).exitCode).toBe(0);
    expect(readCommand('in-current-directory', []).isMissing).toBe(true);
    vi.unstubAllEnvs();
    process.chdir(before);
  });

  it('may be missing', () => {
    expect(readCommand('no-such-command-of-any-system', [])).toMatchObject({ exitCode: undefined, isMissing: true });
  });

  it('is killed when it takes too long, whatever it makes of being asked to end', () => {
    const stubborn = 'trap "" TERM; i=0; while [ $i -lt 90 ]; do sleep 1; i=$((i + 1)); done; echo late';
    const { exitCode, output, complaint } = readCommand('sh', ['-c', stubborn], 200);
    expect({ exitCode, output }).toEqual({ exitCode: undefined, output: '' });
    expect(complaint).toContain('ETIMEDOUT');
  });

  it('counts as failed when it prints without end', () => {
    const { exitCode, output, complaint } = readCommand('sh', ['-c', 'yes']);
    expect({ exitCode, output }).toEqual({ exitCode: undefined, output: '' });
    expect(complaint).toContain('ENOBUFS');
  });
});
