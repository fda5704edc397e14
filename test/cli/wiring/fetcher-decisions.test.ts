import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CollectedDays } from '#test/support/collected-days.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { install, moved, seen } from '#test/support/sys4-installation.ts';

const UNKNOWN = 'fetchers = tlsrpt-fetcher, ssh mx1 tlsrpt-fetcher, fetch-from mx2';
const QUESTION = [
  'error configuration-error: Nothing was written, since a fetcher may read the old collector of this host, and what that counted would count twice:',
  '  fetch-from mx2: nothing says what it reads.',
  "    If that is the collector of this host: --own-fetcher 'fetch-from mx2'",
  "    If it is another one: --other-fetcher 'fetch-from mx2'",
  '  Say it of each, and run this again.',
  '',
].join('\n');

function printed(directory: string, ...words: readonly string[]): Promise<ProgramRun> {
  return run(['import-config', join(directory, 'collectd.cfg'), join(directory, 'reportd.cfg'), ...words]);
}

function withoutTime(stderr: string): string {
  return stderr.replace(/^.*?(?=error )/, '');
}

describe('the commands that import fetchers', () => {
  it('write nothing while one may read the old collector of this host, and ask', async () => {
    const directory = await install({ yesterday: seen('a.example', 3), fetchers: UNKNOWN });
    const stateDir = scratchDirectory();
    const runs = [moved(directory, stateDir, '--dry-run'), moved(directory, stateDir), printed(directory)];
    for (const { code, stdout, stderr } of await Promise.all(runs))
      expect({ code, stdout, stderr: withoutTime(stderr) }).toEqual({ code: 78, stdout: '', stderr: QUESTION });
    expect([existsSync(join(directory, 'tlsrpt.toml')), readdirSync(stateDir)]).toEqual([false, []]);
  });

  it.each([
    ['--own-fetcher', '[ "ssh mx1 tlsrpt-fetcher" ]'],
    ['--other-fetcher', '[ "ssh mx1 tlsrpt-fetcher", "fetch-from mx2" ]'],
  ])('do as they are told by %s', async (flag, sources) => {
    const directory = await install({ fetchers: UNKNOWN });
    const { code, stdout } = await printed(directory, flag, 'fetch-from mx2');
    expect(code).toBe(0);
    expect(stdout).toContain(`sources = ${sources}\n`);
  });

  it('ask about a source of the configuration that is there as well', async () => {
    const directory = await install({ fetchers: '' });
    const { store } = await CollectedDays.make();
    const words = ['import', 'sys4', '--from', directory, '--to', join(directory, 'tlsrpt.toml')];
    const configuration = '[fetch]\nsources = ["fetch-from mx2"]\n';
    writeFileSync(join(directory, 'tlsrpt.toml'), configuration);
    const asked = await run(words, { stateDir: store.path, configuration });
    expect([asked.code, withoutTime(asked.stderr)]).toEqual([78, QUESTION]);
    const said = [...words, '--own-fetcher', 'fetch-from mx2'];
    expect((await run(said, { stateDir: store.path, configuration })).stdout).toContain(
      'source fetch-from mx2: take it out of fetch.sources, since that was said on the command line\n',
    );
  });

  it('ask nothing where no collector is moved', async () => {
    const path = join(scratchDirectory(), 'reportd.cfg');
    writeFileSync(path, '[tlsrpt_reportd]\nfetchers = fetch-from mx2\n');
    const { code, stdout } = await run(['import-config', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('sources = [ "fetch-from mx2" ]\n');
  });

  it.each([
    [['--own-fetcher', 'fetch-from'], '--own-fetcher "fetch-from" is none of the fetchers:'],
    [
      ['--own-fetcher', 'fetch-from mx2', '--other-fetcher', 'fetch-from mx2'],
      'fetch-from mx2 is named by both --own-fetcher and --other-fetcher.',
    ],
  ])('refuse %j', async (words, message) => {
    const directory = await install({ fetchers: UNKNOWN });
    for (const { code, stderr } of [
      await moved(directory, scratchDirectory(), ...words),
      await printed(directory, ...words),
    ]) {
      expect(code).toBe(64);
      expect(stderr).toContain(message);
    }
  });

  it('show no password of a fetcher that they ask about, and take it as it is shown', async () => {
    const directory = await install({ fetchers: 'fetchers = fetch-from --password hunter2' });
    const { stderr } = await printed(directory);
    expect(stderr).toContain("--own-fetcher 'fetch-from --password ***'");
    expect(stderr).not.toContain('hunter2');
    expect(await printed(directory, '--own-fetcher', 'fetch-from --password ***')).toMatchObject({ code: 0 });
  });
});
