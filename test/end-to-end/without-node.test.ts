import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function runIn(path: string, file = EXECUTABLE): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(file, ['--version'], { env: { PATH: path }, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('The executable', () => {
  it('says what it needs where there is no Node.js, and ends as with one that is too old', () => {
    expect(runIn(scratchDirectory())).toEqual({
      status: 69,
      stdout: '',
      stderr: expect.stringMatching(
        /^error node-unsuitable: .* there is no command node\. Install it \(.*\)\.\n$/,
      ) as string,
    });
  });

  it('runs in whatever Node.js comes first, also by another name', () => {
    const [node, elsewhere] = [dirname(process.execPath), join(scratchDirectory(), 'with a blank')];
    mkdirSync(elsewhere);
    symlinkSync(EXECUTABLE, join(elsewhere, "it's"));
    expect(runIn(node, join(elsewhere, "it's"))).toEqual(runIn(node));
    expect(runIn(node)).toMatchObject({ status: 0, stderr: '' });
  });
});
