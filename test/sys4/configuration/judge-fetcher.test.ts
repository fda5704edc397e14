import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FetcherDecision } from '#sys4/configuration/decided-fetchers.ts';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';
import { contextOf, judgeFetcher } from '#sys4/configuration/judge-fetcher.ts';
import type { JudgedFetcher } from '#sys4/configuration/judge-fetcher.ts';
import { readForeign } from '#sys4/configuration/read-foreign.ts';
import { filesOf } from '#test/support/sys4-configuration.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const COLLECTD = '[tlsrpt_collectd]\nstorage = sqlite:///var/lib/t/c.sqlite\n';

const HOST_NAMES = ['mail.sender.example', '192.0.2.7'];

interface Installed {
  readonly files?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly isMove?: boolean;
  readonly decisions?: readonly FetcherDecision[];
}

function judged(
  command: string,
  { files = [COLLECTD], environment = {}, isMove = true, decisions = [] }: Installed = {},
): JudgedFetcher {
  const { keys } = readForeign(filesOf(files), environment);
  return judgeFetcher(wordsOf(command), contextOf(keys, { isMove, decisions, hostNames: HOST_NAMES }));
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
    expect(judged(command, installed).reads).toBe('own');
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
    ['fetch-from-mx1', { files: [] }, 'no collector is moved'],
    ['ssh mx1 tlsrpt-fetcher', {}, 'it runs on mx1'],
    ['sudo -u tlsrpt ssh -p 2222 mail.other.example tlsrpt-fetcher', {}, 'it runs on mail.other.example'],
    ['tlsrpt-fetcher --storage mysql://me:SECRET@db/x', {}, 'it reads mysql://me:***@db/x'],
  ])('keeps %s, and says why: %#', (command, installed, why) => {
    const judgement = judged(command, installed);
    expect(judgement.reads).toBe('other');
    expect(judgement.why).toContain(why);
  });

  it.each([
    ['fetch-from-mx1', 'nothing says what it reads'],
    ['docker exec collector tlsrpt-fetcher', 'nothing says what it reads'],
    ['ssh localhost tlsrpt-fetcher', 'it runs on localhost, which is this host'],
    ['ssh root@mail tlsrpt-fetcher', 'it runs on mail, which is this host'],
    ['ssh 192.0.2.7 tlsrpt-fetcher', 'it runs on 192.0.2.7, which is this host'],
    ['tlsrpt-fetcher --config_file /nonexistent', '/nonexistent does not say what it reads'],
    ['tlsrpt-fetcher --config_file relative.cfg', 'relative.cfg does not say what it reads'],
    ['tlsrpt-fetcher --config_file /dev/zero', '/dev/zero does not say what it reads'],
  ])('does not decide about %s, and says why', (command, why) => {
    const judgement = judged(command);
    expect(judgement.reads).toBe('unknown');
    expect(judgement.why).toContain(why);
  });

  it.each(['own', 'other'] as const)('believes the operator that a fetcher reads the collector: %s', (reads) => {
    for (const command of ['fetch-from-mx1', 'tlsrpt-fetcher', 'ssh mx1 tlsrpt-fetcher'])
      expect(judged(command, { decisions: [{ reads, command }] }).reads).toBe(reads);
  });

  it('goes by the file that the command names', () => {
    const directory = scratchDirectory();
    const [own, other] = [join(directory, 'own.cfg'), join(directory, 'second.cfg')];
    writeFileSync(own, '[tlsrpt_fetcher]\nstorage = sqlite:///var/lib/t/c.sqlite\n');
    writeFileSync(other, '[tlsrpt_fetcher]\nstorage = sqlite:///var/lib/t/second.sqlite\n');
    expect(judged(`tlsrpt-fetcher --config_file ${own}`).reads).toBe('own');
    expect(judged(`tlsrpt-fetcher --config_file=${other}`).reads).toBe('other');
  });

  it('knows a database under another name', () => {
    const directory = scratchDirectory();
    const [database, name] = [join(directory, 'c.sqlite'), join(directory, 'other.sqlite')];
    writeFileSync(`${database}.yesterday`, '');
    linkSync(`${database}.yesterday`, `${name}.yesterday`);
    const files = [`[tlsrpt_collectd]\nstorage = sqlite://${database}\n`];
    expect(judged(`tlsrpt-fetcher --storage sqlite://${name}`, { files }).reads).toBe('own');
  });
});
