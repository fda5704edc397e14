/**
 * The built executable, most of all as root where the services run as another user. Who is not root can read nothing more than they.
 */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** A number that no user has. */
const OWNER = 54_321;

interface Place {
  readonly file: string;
  readonly state: string;
}

/** A state directory of that user, and a file of root. */
function makePlace(configuration: string, mode: number): Place {
  const scratch = scratchDirectory();
  chmodSync(scratch, 0o755);
  const [file, state] = [join(scratch, 'tlsrpt.toml'), join(scratch, 'state')];
  writeFileSync(file, configuration, { mode });
  mkdirSync(state, { mode: 0o700 });
  chownSync(state, OWNER, OWNER);
  return { file, state };
}

interface Shown {
  readonly findings: readonly { readonly check: string; readonly what: string; readonly fix?: string }[];
}

async function findings({ file, state }: Place): Promise<Shown['findings']> {
  const { stdout } = await runTlsrpt(['doctor', '--json', '--config', file, '--state-dir', state]);
  return (JSON.parse(stdout) as Shown).findings.filter(({ check }) => check === 'configuration');
}

describe('tlsrpt doctor', () => {
  it('finds that a file is missing which the configuration names', async () => {
    const scratch = scratchDirectory();
    const file = join(scratch, 'tlsrpt.toml');
    writeFileSync(file, `[report]\nrecord_map = "${join(scratch, 'none')}"\n`);
    expect(await findings({ file, state: scratch })).toMatchObject([
      { grade: 'broken', what: expect.stringMatching(/none.*ENOENT/) as string },
    ]);
  });
});

for (const name of process.getuid?.() === 0 ? ['root'] : [])
  describe(`tlsrpt doctor as ${name}`, () => {
    it('finds a configuration file that the services cannot read, and says how they can', async () => {
      const place = makePlace('[report]\ncontact = "postmaster@sender.example"\n', 0o600);
      expect(await findings(place)).toEqual([
        {
          grade: 'broken',
          check: 'configuration',
          what: `${place.file} cannot be read by user 54321, as whom the services run: they end with 78.`,
          fix: expect.stringContaining(`chmod g+r ${place.file}`) as string,
        },
      ]);
    });

    it('finds a file that the configuration names and the services cannot read', async () => {
      const secret = join(scratchDirectory(), 'password');
      writeFileSync(secret, 'secret', { mode: 0o600 });
      const place = makePlace(
        `[report]\ncontact = "postmaster@sender.example"\n[send]\nsmtp_user = "me"\nsmtp_password_file = "${secret}"\n`,
        0o644,
      );
      expect(await findings(place)).toMatchObject([
        { grade: 'broken', what: expect.stringMatching(/password.*EACCES.*Let user 54321 read it/) as string },
      ]);
    });
  });
