import { describe, expect, it } from 'vitest';
import { fetcherCommands, localFetcher, wordsOf } from '#sys4/configuration/fetcher-command.ts';

describe('fetcherCommands', () => {
  it('splits at commas alone, and each command at any whitespace, as sys4 does', () => {
    expect(fetcherCommands('\ntlsrpt-fetcher\n--storage sqlite:///x,\n ssh  mx1\ttlsrpt-fetcher,')).toEqual([
      ['tlsrpt-fetcher', '--storage', 'sqlite:///x'],
      ['ssh', 'mx1', 'tlsrpt-fetcher'],
    ]);
  });
});

describe('localFetcher', () => {
  it.each([
    ['tlsrpt-fetcher', {}],
    ['/usr/bin/tlsrpt-fetcher --storage=a --log_level debug --storage b', { storage: 'b', log_level: 'debug' }],
    ['sudo -u tlsrpt -n tlsrpt-fetcher --config_file /x', { config_file: '/x' }],
    ['sudo -n -- nice -n 5 ionice -c2 timeout -k 5 60 tlsrpt-fetcher', {}],
    ['runuser -u tlsrpt -- tlsrpt-fetcher', {}],
    ['setpriv --reuid tlsrpt --clear-groups tlsrpt-fetcher', {}],
    ['flock -n /run/lock/f tlsrpt-fetcher', {}],
    ['s6-setuidgid tlsrpt tlsrpt-fetcher', {}],
    ['/usr/bin/python3.11 -u /opt/tlsrpt_reporter/tlsrpt_fetcher.py', {}],
  ])('knows that %s runs on this host', (command, options) => {
    expect(Object.fromEntries(localFetcher(wordsOf(command))?.options ?? [['none', '']])).toEqual(options);
  });

  it('knows what variables are set before it', () => {
    const { variables } = localFetcher(wordsOf('env -i TZ=UTC TLSRPT_FETCHER_STORAGE=x tlsrpt-fetcher')) ?? {};
    expect(variables).toEqual(
      new Map([
        ['TZ', 'UTC'],
        ['TLSRPT_FETCHER_STORAGE', 'x'],
      ]),
    );
  });

  it.each([
    'ssh mx1 tlsrpt-fetcher',
    'ssh localhost tlsrpt-fetcher',
    'sudo pct exec 101 -- tlsrpt-fetcher',
    'timeout 60 plink mx3 tlsrpt-fetcher',
    'sudo incus exec c1 -- tlsrpt-fetcher',
    'docker-compose exec -T collector tlsrpt-fetcher',
    'sudo -h mx1 tlsrpt-fetcher',
    'sudo --host=mx1 tlsrpt-fetcher',
    'sudo -R /srv/other tlsrpt-fetcher',
    'env -S ssh mx1 tlsrpt-fetcher',
    'chroot /srv/other tlsrpt-fetcher',
    'su -c tlsrpt-fetcher tlsrpt',
    'python3 -m tlsrpt_reporter.tlsrpt_fetcher',
    'tlsrpt-fetcher --unheard-of x',
    'tlsrpt-fetcher --storage',
    'tlsrpt-fetcher mx1',
    'fetch-from-mx1',
    'sudo',
  ])('does not claim to know where %s runs, or what it reads', (command) => {
    expect(localFetcher(wordsOf(command))).toBeUndefined();
  });
});
