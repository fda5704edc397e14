import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TLS = 'smtp_tls_security_level = may';
const BEFORE = '[collect]\nsocket_group = "other"\n';

it('What was set in a configuration file that cannot be read stays noted, and the rest is undone', async () => {
  const [host, file] = [new PostfixHost({ mainCf: [TLS] }), join(scratchDirectory(), 'tlsrpt.toml')];
  const socket = join(host.queueDirectory(), 'run/tlsrpt/tlsrpt.sock');
  const setup = (word: string): Promise<ProgramRun> =>
    run(['setup', 'postfix', '--socket', socket, '--config', file, word]);
  mkdirSync(join(socket, '..'), { recursive: true });
  writeFileSync(file, BEFORE);
  await setup('--apply');
  const applied = readFileSync(file, 'utf8');
  writeFileSync(file, `${applied}contact = [\n`);
  const { code, stdout, stderr } = await setup('--remove');
  expect([code, stdout.includes('collect.socket_group')]).toEqual([78, false]);
  expect(stderr).toContain(`${file} is not TOML, so collect.socket_group cannot be found in it.`);
  expect([host.mainCf(), host.reloads()]).toEqual([[TLS], 2]);
  writeFileSync(file, applied);
  expect((await setup('--remove')).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(BEFORE);
});
