import { rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rememberCredentials, rememberedContent, serviceCredential } from '#cli/wiring/service-credentials.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('a credential of the services', () => {
  it('is found where systemd takes it from, and is known also once that can no longer be looked at', () => {
    const prefix = join(scratchDirectory(), 'tlsrpt.');
    writeFileSync(`${prefix}dkim-r1`, 'key');
    mkdirSync(`${prefix}directory`);
    expect(serviceCredential('dkim-r1', prefix)).toBe(`${prefix}dkim-r1`);
    rememberCredentials(prefix);
    rmSync(`${prefix}dkim-r1`);
    expect(serviceCredential('dkim-r1', prefix)).toBe(`${prefix}dkim-r1`);
    expect(rememberedContent(`${prefix}dkim-r1`)).toBe('key');
    expect([serviceCredential('dkim-r2', prefix), rememberedContent(`${prefix}dkim-r2`)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is none of those of other programs', () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'other.dkim-r1'), 'key');
    rememberCredentials(join(directory, 'tlsrpt.'));
    expect(rememberedContent(join(directory, 'other.dkim-r1'))).toBeUndefined();
  });

  it('is none where there is no such directory', () => {
    const prefix = '/nonexistent/tlsrpt.';
    rememberCredentials(prefix);
    expect(serviceCredential('dkim-r1', prefix)).toBeUndefined();
  });
});
