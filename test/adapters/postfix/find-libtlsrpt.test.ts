import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findLibtlsrpt } from '#adapters/postfix/find-libtlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** As ldconfig(8) of Debian 13 prints what it knows. */
function letLoaderKnow(path: string): void {
  const directory = scratchDirectory();
  const ldconfig = join(directory, 'ldconfig');
  const lines = ['2 libs found in cache', '\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6'];
  writeFileSync(
    ldconfig,
    `#!/bin/sh\nprintf '%b\\n' '${[...lines, `\tlibtlsrpt.so.0 (libc6,x86-64) => ${path}`].join('\\n')}'\n`,
  );
  chmodSync(ldconfig, 0o755);
  vi.stubEnv('PATH', `${directory}:${process.env['PATH'] ?? ''}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

describe('findLibtlsrpt', () => {
  it.each([
    ['\0dpv\0d\0pr\0', true],
    ['\0d\0pr\0', false],
  ])('sees in the library whether it sends a version: %j', (content, sendsVersion) => {
    const path = join(scratchDirectory(), 'libtlsrpt.so.0.5.1');
    writeFileSync(path, content);
    letLoaderKnow(path);
    expect(findLibtlsrpt()).toEqual({ path, sendsVersion });
  });

  it('finds none where the file is gone', () => {
    letLoaderKnow('/nonexistent/libtlsrpt.so.0');
    expect(findLibtlsrpt()).toBeUndefined();
  });
});
