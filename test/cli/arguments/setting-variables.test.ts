import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import { GivenFlags } from '#cli/command.ts';
import { settingVariables } from '#cli/arguments/setting-variables.ts';

describe('Settings that were given as flags', () => {
  it('are the same settings for a command that finds them in its environment', () => {
    const flags = {
      contact: 'a@example.com',
      'mx-hosts': false,
      source: ['/a', 'ssh "mx1" tlsrpt-fetcher, and \\more'],
      'dns-server': '127.0.0.1',
      'keep-days': '7',
    };
    const given = loadSettings({ file: undefined, environment: {}, flags });
    const environment = settingVariables(new GivenFlags(flags));
    expect(loadSettings({ file: undefined, environment, flags: {} })).toEqual(given);
    expect(given).toMatchObject({ kind: 'loaded', settings: { mxHosts: false, keepDays: 7 } });
  });

  it('come with the name of the configuration file, and without flags that are no settings', () => {
    expect(settingVariables(new GivenFlags({ config: 'a.toml', check: true }))).toEqual({ TLSRPT_CONFIG: 'a.toml' });
  });
});
