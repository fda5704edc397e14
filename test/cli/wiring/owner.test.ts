/**
 * The built executable as root in a state directory of another user. Who is not root cannot make one, and is not affected.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { preload } from '#test/support/preload.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** A number that no user has. */
const OWNER = 54_321;
const DATAGRAM = makeDatagram({ domain: 'good.example', record: 'v=TLSRPTv1;rua=mailto:tls@good.example' });

function othersDirectory(): string {
  const scratch = scratchDirectory();
  chmodSync(scratch, 0o755);
  const path = join(scratch, 'state');
  mkdirSync(path, { mode: 0o700 });
  chownSync(path, OWNER, OWNER);
  return path;
}

function inState(path: string, words: readonly string[], stdin?: Uint8Array): Promise<EndedRun> {
  const options = stdin === undefined ? {} : { stdin };
  return runTlsrpt([...words, '--state-dir', path, '--log-level', 'info'], options);
}

function collect(path: string): Promise<EndedRun> {
  return inState(path, ['collect', '--stdin', '--day', DAY], DATAGRAM);
}

function ownersIn(path: string): number[] {
  const entries = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return [...new Set(entries.map((name) => statSync(join(path, name)).uid))];
}

for (const name of process.getuid?.() === 0 ? ['root'] : [])
  describe(`${name} in a state directory of another user`, () => {
    it('writes a password that it imports for that user alone', async () => {
      const path = othersDirectory();
      const directory = scratchDirectory();
      const configuration = '[tlsrpt_reportd]\nhttp_script = curl -x http://reports:hunter2@proxy.example:3128\n';
      writeFileSync(join(directory, 'reportd.cfg'), configuration);
      await inState(path, ['import', 'sys4', '--from', directory, '--to', join(directory, 'tlsrpt.toml')]);
      const { uid, gid, mode } = statSync(join(directory, 'https-proxy-password'));
      expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: OWNER, gid: OWNER, mode: 0o600 });
    });

    it('acts as that user, says so, and leaves nothing of its own', async () => {
      const path = othersDirectory();
      const contact = ['--contact', 'postmaster@sender.example'];
      for (const run of [
        await collect(path),
        await inState(path, ['report', '--day', DAY, ...contact]),
        await inState(path, ['suppress', 'add', 'tls@good.example']),
        await inState(path, ['send', '--dry-run', ...contact]),
        await inState(path, ['status']),
      ]) {
        expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('acting-as-owner') as string });
        expect(run.stderr).toContain(`user ${String(OWNER)}`);
      }
      expect(ownersIn(path)).toEqual([OWNER]);
    });

    it('acts as that user also where Node.js refuses to, as on Debian 13', async () => {
      const path = othersDirectory();
      await collect(path);
      const environment = preload('without-setuid.cjs');
      const run = await runTlsrpt(['status', '--state-dir', path, '--log-level', 'info'], { environment });
      expect(run).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('acting-as-owner') as string });
    });

    it('does not collect on a socket, and says how to', async () => {
      const path = othersDirectory();
      const socket = join(scratchDirectory(), 'socket');
      const { exitCode, stderr } = await inState(path, ['collect', '--socket', socket]);
      expect(exitCode).toBe(77);
      expect(stderr).toMatch(/wrong-user.*runuser -u 54321 -- tlsrpt collect/);
      expect([existsSync(socket), readdirSync(path)]).toEqual([false, []]);
    });

    it('says who must be able to read the databases of sys4, before anything is written', async () => {
      const path = othersDirectory();
      const theirs = scratchDirectory();
      writeFileSync(join(theirs, 'collectd.cfg'), `[tlsrpt_collectd]\nstorage = sqlite://${theirs}/c.sqlite\n`);
      writeFileSync(join(theirs, 'c.sqlite'), '', { mode: 0o600 });
      const configuration = join(theirs, 'tlsrpt.toml');
      const { exitCode, stderr } = await inState(path, ['import', 'sys4', '--from', theirs, '--to', configuration]);
      expect(exitCode).toBe(65);
      expect(stderr).toMatch(
        /foreign-database-unreadable: \S+c\.sqlite cannot be moved: EACCES.* user 54321 has to read/,
      );
      expect(existsSync(configuration)).toBe(false);
    });

    it('says who must be able to read a secret', async () => {
      const path = othersDirectory();
      await collect(path);
      const secret = join(scratchDirectory(), 'password');
      writeFileSync(secret, 'secret', { mode: 0o600 });
      const words = [
        'send',
        '--contact',
        'postmaster@sender.example',
        '--smtp-user',
        'me',
        '--smtp-password-file',
        secret,
      ];
      const { exitCode, stderr } = await inState(path, words);
      expect(exitCode).toBe(78);
      expect(stderr).toMatch(/configuration-error.*password.*EACCES.*Let user 54321 read it/);
    });
  });

describe('a state directory of the user who runs tlsrpt', () => {
  it('is worked in as ever', async () => {
    const run = await collect(scratchDirectory());
    expect(run.exitCode).toBe(0);
    expect(run.stderr).not.toContain('acting-as-owner');
  });
});
