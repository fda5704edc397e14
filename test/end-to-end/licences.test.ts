import { copyFileSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('tlsrpt --licenses', () => {
  it('prints the licence of each package that is inside, from the executable alone', () => {
    const executable = join(scratchDirectory(), 'tlsrpt');
    copyFileSync('dist/tlsrpt', executable);
    const text = execFileSync(process.execPath, [executable, '--licenses'], { encoding: 'utf8', cwd: '/' });
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies)) expect(text).toContain(`${name} ${version}`);
    expect(text).toContain('Copyright (c) 2026 The tlsrpt maintainers');
    expect(text).toContain('Nathan Rajlich'); // of a package that has its licence in its README alone
  });
});
