import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import { describeStateSource } from '#test/contracts/state-source.contract.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

describeStateSource('A directory', async ({ directory, maxBytes }) => ({
  source: directorySource(directory, maxBytes === undefined ? {} : { maxBytes }),
  stop: () => Promise.resolve(),
}));

it('refuses a named pipe without waiting for a writer', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tlsrpt-pipe-'));
  mkdirSync(join(directory, 'sessions'));
  execFileSync('mkfifo', [join(directory, 'sessions', '2026-11-19.sqlite')]);
  const source = directorySource(directory);
  expect(await source.copyDay('2026-11-19' as UtcDay, join(directory, 'copy'))).toMatchObject({ kind: 'refused' });
  rmSync(directory, { recursive: true });
});
