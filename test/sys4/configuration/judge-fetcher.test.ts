import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';
import { contextOf, judgeFetcher } from '#sys4/configuration/judge-fetcher.ts';
import type { JudgedFetcher } from '#sys4/configuration/judge-fetcher.ts';
import { readForeign } from '#sys4/configuration/read-foreign.ts';
import { filesOf } from '#test/support/sys4-configuration.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const COLLECTD = '[tlsrpt_collectd]\nstorage = sqlite:///var/lib/t/c.sqlite\n';

interface Installed {
  readonly files?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly isMove?: boolean;
}

function judged(
  command: string,
  { files = [COLLECTD], environment = {}, isMove = true }: Installed = {},
): JudgedFetcher {
  const { keys } = readForeign(filesOf(files), environment);
  return judgeFetcher(wordsOf(command), contextOf(keys, { isMove }));
}

describe('judgeFetcher', () => {
  it.each([
    ['tlsrpt-fetcher', {}],
    ['tlsrpt-fetcher --storage sqlite:////var/lib/t/c.sqlite', {}],
    ['tlsrpt-fetcher', { files: [COLLECTD, '[tlsrpt_fetcher]\nstorage = sqlite:///var/lib/t/c.sqlite\n'] }],
    ['tlsrpt-fetcher', { files: ['[tlsrpt_fetcher]\nstorage = sqlite:///x\n'] }],
    ['tlsrpt-fetcher --storage sqlite:///b', { files: ['[tlsrpt_collectd]\nstorage = sqlite:///a,sqlite:///b\n'] }],
    ['sudo TLSRPT_FETCHER_STORAGE=sqlite:///var/lib/t/c.sqlite tlsrpt-fetcher', {}],
    ['tlsrpt-fetcher --config_file /etc/tlsrpt/fetcher.cfg', {}],
    ['tlsrpt-fetcher --config_file /x', { environment: { TLSRPT_FETCHER_STORAGE: 'sqlite:///var/lib/t/c.sqlite' } }],
  ])('finds that %s reads what moves here: %#', (command, installed) => {
    expect(judged(command, installed).isOwn).toBe(true);
  });

  it.each([
    ['tlsrpt-fetcher --storage sqlite:///other', {}, 'it reads /other, which is not what the collector writes'],
    ['tlsrpt-fetcher', { files: [COLLECTD, '[tlsrpt_fetcher]\nstorage = sqlite:///other\n'] }, 'it reads /other'],
    ['tlsrpt-fetcher', { files: [] }, 'no collector is moved'],
    [
      'tlsrpt-fetcher',
      { files: ['[tlsrpt_fetcher]\nstorage = sqlite:///x\n'], isMove: false },
      'no collector is moved',
    ],
    ['ssh localhost tlsrpt-fetcher', {}, 'nothing says what it reads'],
    ['tlsrpt-fetcher --config_file /nonexistent', {}, '/nonexistent does not say what it reads'],
    ['tlsrpt-fetcher --config_file relative.cfg', {}, 'relative.cfg does not say what it reads'],
    ['tlsrpt-fetcher --config_file /dev/zero', {}, '/dev/zero does not say what it reads'],
    ['tlsrpt-fetcher --storage mysql://me:SECRET@db/x', {}, 'it reads mysql://me:***@db/x'],
  ])('keeps %s, and says why: %#', (command, installed, why) => {
    const judgement = judged(command, installed);
    expect(judgement.isOwn).toBe(false);
    expect(judgement.why).toContain(why);
  });

  it('goes by the file that the command names', () => {
    const directory = scratchDirectory();
    const [own, other] = [join(directory, 'own.cfg'), join(directory, 'second.cfg')];
    writeFileSync(own, '[tlsrpt_fetcher]\nstorage = sqlite:///var/lib/t/c.sqlite\n');
    writeFileSync(other, '[tlsrpt_fetcher]\nstorage = sqlite:///var/lib/t/second.sqlite\n');
    expect(judged(`tlsrpt-fetcher --config_file ${own}`).isOwn).toBe(true);
    expect(judged(`tlsrpt-fetcher --config_file=${other}`).isOwn).toBe(false);
  });

  it('knows a database under another name', () => {
    const directory = scratchDirectory();
    const [database, name] = [join(directory, 'c.sqlite'), join(directory, 'other.sqlite')];
    writeFileSync(`${database}.yesterday`, '');
    linkSync(`${database}.yesterday`, `${name}.yesterday`);
    const files = [`[tlsrpt_collectd]\nstorage = sqlite://${database}\n`];
    expect(judged(`tlsrpt-fetcher --storage sqlite://${name}`, { files }).isOwn).toBe(true);
  });
});
