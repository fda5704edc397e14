import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runCommand } from '#support/run-command.ts';
import { scratchDirectory } from './scratch.ts';

describe('A command of the system', () => {
  it('ends with its exit code and what it complained about', () => {
    expect(runCommand('sh', ['-c', 'echo no >&2; exit 3'], [])).toEqual({ exitCode: 3, complaint: 'no' });
  });

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
