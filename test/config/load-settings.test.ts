import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSettings, suggestion, unknownName } from '#config/load-settings.ts';
import type { SettingProblem, SettingSources } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';

const FILE = '/etc/tlsrpt/tlsrpt.toml';

type Given = Partial<Omit<SettingSources, 'file'>> & { readonly file?: string };

function load({ file, environment = {}, flags = {} }: Given): ReturnType<typeof loadSettings> {
  return loadSettings({ file: file === undefined ? undefined : { path: FILE, content: file }, environment, flags });
}

function settingsFrom(given: Given): Settings {
  const loaded = load(given);
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

function problemsWith(given: Given): readonly SettingProblem[] {
  const loaded = load(given);
  return loaded.kind === 'invalid' ? loaded.problems : [];
}

describe('where a setting comes from', () => {
  const file = '[send]\nparallel = 2\n';
  const environment = { TLSRPT_SEND_PARALLEL: '3' };
  const flags = { parallel: '4' };

  it.each([
    ['nothing', {}, 20],
    ['the file', { file }, 2],
    ['the environment before the file', { file, environment }, 3],
    ['a flag before all others', { file, environment, flags }, 4],
    ['a flag alone', { flags }, 4],
  ])('%s', (_, given, parallel) => {
    expect(settingsFrom(given).parallel).toBe(parallel);
  });

  it('is decided for each setting by itself', () => {
    const given = {
      file: 'keep_days = 7\n[send]\ntimeout = "5s"\n',
      environment: { TLSRPT_KEEP_DAYS: '8' },
      flags: { spread: '1h' },
    };
    expect(settingsFrom(given)).toMatchObject({ keepDays: 8, timeout: 5_000, spread: 3_600_000, logFormat: 'text' });
  });

  it('is a whole list, not one added to another', () => {
    const given = {
      file: 'dns_servers = ["192.0.2.1", "192.0.2.2"]',
      environment: { TLSRPT_DNS_SERVERS: '192.0.2.3, 192.0.2.4,' },
    };
    expect(settingsFrom({ file: given.file }).dnsServers).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(settingsFrom(given).dnsServers).toEqual(['192.0.2.3', '192.0.2.4']);
    expect(settingsFrom({ ...given, flags: { 'dns-server': ['192.0.2.5'] } }).dnsServers).toEqual(['192.0.2.5']);
  });

  describe('as a list in the environment', () => {
    const sourcesFrom = (text: string): readonly string[] =>
      settingsFrom({ environment: { TLSRPT_FETCH_SOURCES: text } }).sources;

    it.each([
      ['places between commas', '/srv/mx1, sftp://mx2/var/lib/tlsrpt', ['/srv/mx1', 'sftp://mx2/var/lib/tlsrpt']],
      ['one command', 'ssh mx1 tlsrpt-fetcher', ['ssh mx1 tlsrpt-fetcher']],
      ['commands in brackets', '["ssh -c a,b mx1 f", \'/srv/mx2\']', ['ssh -c a,b mx1 f', '/srv/mx2']],
      ['none', '[]', []],
    ])('is read as it was meant: %s', (_, text, sources) => {
      expect(sourcesFrom(text)).toEqual(sources);
    });

    it.each([
      'ssh -c aes256-ctr,aes128-ctr mx1 tlsrpt-fetcher',
      'ssh mx1 tlsrpt-fetcher,ssh mx2 tlsrpt-fetcher',
      '/srv/mx1,fetcher',
      'fetcher --flags=a,',
      '["ssh mx1',
    ])('is refused rather than cut inside a command: %s', (text) => {
      const problems = problemsWith({ environment: { TLSRPT_FETCH_SOURCES: text } });
      expect(problems).toMatchObject([
        { what: 'TLSRPT_FETCH_SOURCES', why: expect.stringContaining('["FIRST"') as string },
      ]);
    });

    it('takes an IPv6 address in brackets for what it is', () => {
      const environment = { TLSRPT_DNS_SERVERS: '[2001:db8::53]:5353, 192.0.2.53' };
      expect(settingsFrom({ environment }).dnsServers).toEqual(['[2001:db8::53]:5353', '192.0.2.53']);
    });
  });

  it('does not let a wrong value pass because another one wins', () => {
    expect(problemsWith({ file: '[send]\nparallel = 2', flags: { parallel: '0' } })).toHaveLength(1);
  });
});

describe('what is loaded', () => {
  it('has every default when nothing is set', () => {
    expect(settingsFrom({})).toMatchObject({
      stateDir: undefined,
      keepDays: 30,
      logLevel: undefined,
      logFormat: 'text',
      dnsServers: [],
      socketMode: 0o660,
      successOnly: 'send',
      smtp: 'smtp://localhost:25',
      smtpTls: 'opportunistic',
      allowPrivateDestinations: false,
      spread: 0,
      timeout: 60_000,
      parallel: 20,
      sources: [],
    });
  });

  it('is frozen, lists too', () => {
    const settings = settingsFrom({ flags: { 'dns-server': ['192.0.2.1'] } });
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.values(settings).every(Object.isFrozen)).toBe(true);
  });

  it('does not share a list with the next one that is loaded', () => {
    expect(settingsFrom({}).dnsServers).not.toBe(settingsFrom({}).dnsServers);
  });
});

describe('what is wrong', () => {
  it('is told all at once, with the place and the name that was used there', () => {
    const problems = problemsWith({
      file: 'keep_days = 1\nunknown_thing = 1\n[report]\ncontact = "nobody"\n[sned]\nsmtp = "smtp://localhost"\n',
      environment: { TLSRPT_SEND_PARALLEL: 'many', TLSRPT_LOG_LEVL: 'info' },
      flags: { timeout: 'soon', 'log-format': 'xml' },
    });
    expect(problems.map(({ where, what, why }) => `${where}: ${what} ${why}`).sort()).toEqual([
      `${FILE}: keep_days must be at least 2`,
      `${FILE}: report.contact must be a mail address such as postmaster@example.com`,
      `${FILE}: sned.smtp is not known; did you mean send.smtp?`,
      `${FILE}: unknown_thing is not known`,
      'command line: --log-format must be text or json',
      'command line: --timeout must be a time such as 90s, 10m or 4h',
      'environment: TLSRPT_LOG_LEVL is not known; did you mean TLSRPT_LOG_LEVEL?',
      'environment: TLSRPT_SEND_PARALLEL must be a whole number',
    ]);
  });

  it.each([
    ['keep_days = \n', 'line 1'],
    ['keep_days = 3\n[send\nparallel = 2\n', 'line 2'],
    ['keep_days = 3\n\nkeep_days = 4\n', 'line 3'],
    ['[collect]\nsocket_mode = 0660\n', 'line 2'],
  ])('in the form of the file is told with its line: %j', (file, line) => {
    expect(problemsWith({ file })).toEqual([
      { where: FILE, what: line, why: expect.stringMatching(/^Invalid TOML document: .+$/) as string },
    ]);
  });

  it('is told in the words of the program, whatever type the file has for a value', () => {
    const values = [
      '5',
      '5.5',
      'true',
      '"x"',
      '""',
      '"a\\nb"',
      '[]',
      '[5]',
      '["x", "y"]',
      '2026-11-19',
      'nan',
      'inf',
      '-1',
      '[[]]',
    ];
    const keys = [
      'keep_days',
      'state_dir',
      'log_level',
      'dns_servers',
      'collect.socket_mode',
      'report.contact',
      'report.success_only',
    ];
    const moreKeys = [
      'send.smtp',
      'send.spread',
      'send.allow_private_destinations',
      'send.https_connect_to',
      'fetch.sources',
    ];
    for (const key of [...keys, ...moreKeys])
      for (const value of values)
        for (const { why } of problemsWith({ file: `${key} = ${value}` }))
          expect(`${key} = ${value}: ${why}`).toMatch(/: must /);
  });

  it('is found in any file without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z_.]+ = (\d+|"\w*"|\[\]|true)\n$/)),
        (file) => {
          expect(['loaded', 'invalid']).toContain(load({ file }).kind);
        },
      ),
    );
  });
});

describe('a variable of the environment that is not known', () => {
  it.each(['TLSRPT_KEEP_DAY', 'TLSRPT_SEND_SMTPTLS', 'TLSRPT_STATEDIR'])(
    'is a problem when it looks like a typing error: %s',
    (name) => {
      expect(problemsWith({ environment: { [name]: 'x' } })).toMatchObject([{ where: 'environment', what: name }]);
    },
  );

  it.each(['TLSRPT_CONFIG', 'TLSRPT_COLLECTD_SOCKETNAME', 'TLSRPT_FETCHER_LOGLEVEL', 'PATH'])(
    'is left alone otherwise: %s',
    (name) => {
      expect(problemsWith({ environment: { [name]: 'x' } })).toEqual([]);
    },
  );

  it('is not one that is there without a value', () => {
    expect(settingsFrom({ environment: { TLSRPT_SEND_PARALLEL: undefined } }).parallel).toBe(20);
  });
});

describe('suggestion', () => {
  const known = ['day', 'domain', 'contact', 'smtp', 'now'];

  it.each([
    ['contcat', 'contact'],
    ['domian', 'domain'],
    ['dya', 'day'],
    ['smpt', 'smtp'],
    ['no', 'now'],
    ['xyz', undefined], // has nothing in common with day
    ['q', undefined],
    ['organization', undefined],
  ])('for %s is %s', (name, meant) => {
    expect(suggestion(name, known)).toBe(meant);
  });

  it('is written as it is typed', () => {
    expect(unknownName('contcat', known, '--')).toBe('is not known; did you mean --contact?');
    expect(unknownName('contcat', known)).toBe('is not known; did you mean contact?');
    expect(unknownName('organization', known, '--')).toBe('is not known');
  });
});
