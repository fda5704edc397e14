import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statePathOf } from '#cli/wiring/state.ts';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSettings } from '#config/load-settings.ts';
import { DAY } from '#test/support/collected-days.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function pathWith(flags: Record<string, string>, environment: Record<string, string>): string {
  const loaded = loadSettings({ file: undefined, environment: {}, flags });
  if (loaded.kind === 'invalid') throw new Error('invalid');
  return statePathOf({ settings: loaded.settings, environment });
}

describe('statePathOf', () => {
  it('is where the settings say', () => {
    expect(pathWith({ 'state-dir': '/srv/tlsrpt' }, { XDG_STATE_HOME: '/home/me/state' })).toBe('/srv/tlsrpt');
  });

  it('is the system’s or the user’s own otherwise, whichever can be written', () => {
    expect(['/var/lib/tlsrpt', '/home/me/state/tlsrpt']).toContain(pathWith({}, { XDG_STATE_HOME: '/home/me/state' }));
  });
});

describe('a state directory that is a file', () => {
  it('is said to be one', async () => {
    const stateDir = join(scratchDirectory(), 'file');
    writeFileSync(stateDir, '');
    expect(await run(['status'], { stateDir })).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/file is not a directory\..*--state-dir/) as string,
    });
    const below = await run(['status'], { stateDir: join(stateDir, 'below') });
    expect(below).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/ENOTDIR.*(--state-dir|move that aside)/) as string,
    });
  });

  it('is refused by a collector with what to do', async () => {
    const stateDir = join(scratchDirectory(), 'file');
    writeFileSync(stateDir, '');
    expect(() => new CollectorStore(stateDir).lock()).toThrow(/EEXIST.*move that aside/);
    expect((await run(['collect', '--socket', `${stateDir}.sock`], { stateDir })).code).toBe(73);
  });
});

describe('a state directory that does not exist', () => {
  it.each([
    ['status'],
    ['status', '--destinations'],
    ['show', 'id'],
    ['requeue', '--state', 'expired'],
    ['suppress', 'list'],
    ['suppress', 'add', 'a@b.example'],
    ['send'],
    ['send', '--dry-run'],
    ['report', '--day', DAY],
    ['fetch', '--serve', DAY],
  ])('is named with its setting by %s %s', async (...words) => {
    const stateDir = join(scratchDirectory(), 'none');
    const { code, stdout, stderr } = await run(words, { stateDir });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/state-directory-missing.*none.*state_dir/);
    expect(existsSync(stateDir)).toBe(false);
  });
});
