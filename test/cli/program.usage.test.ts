import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';

describe('a command line that cannot be understood', () => {
  it.each([
    [[], 'Which command? See tlsrpt --help.'],
    [['reprot'], 'The command reprot is not known; did you mean report? See tlsrpt --help.'],
    [['frobnicate'], 'The command frobnicate is not known. See tlsrpt --help.'],
    [['status', 'x'], 'status takes no "x". See tlsrpt status --help.'],
    [['send', '--dry-run', '--domain', 'a.example', 'b.example'], 'send takes no "b.example". See tlsrpt send --help.'],
    [['send', '--', '--dry-run'], 'send takes no "--dry-run". See tlsrpt send --help.'],
    [['suppress', 'add', 'a@x.example', 'b@x.example'], 'suppress takes no "b@x.example". See tlsrpt suppress --help.'],
    [['send', '--contact'], '--contact needs a value. See tlsrpt send --help.'],
    [['help', 'reprot'], 'The command reprot is not known; did you mean report? See tlsrpt --help.'],
    [['status', '--day', 'today', '--day', 'yesterday'], '--day is given more than once. See tlsrpt status --help.'],
    [['status', '--config', 'a', '--config', 'b'], '--config is given more than once. See tlsrpt status --help.'],
    [['-v'], '-v is not known. See tlsrpt --help.'],
    [['--jsno'], '--jsno is not known. See tlsrpt --help.'],
    [['--log-levle', 'debug'], '--log-levle is not known; did you mean --log-level? See tlsrpt --help.'],
    [['--licenses', 'x'], '--licenses goes with nothing else. See tlsrpt --help.'],
    [['help', 'setup', 'postfix', 'extra'], 'help takes no "extra". See tlsrpt setup --help.'],
    [['help', 'status', 'extra'], 'help takes no "extra". See tlsrpt status --help.'],
    [['completion', 'bash'], 'completion takes no "bash". See tlsrpt --help.'],
    [['status', '--help=no'], '--help=no must be true or false. See tlsrpt status --help.'],
  ])('%j ends with 64 and says what is wrong, and where to read on', async (words, message) => {
    expect(await run(words)).toEqual({
      code: 64,
      stdout: '',
      stderr: `2026-11-20T06:00:00.000Z error usage-error: ${message}\n`,
    });
  });

  it.each([
    ['suppress', []],
    ['suppress', ['frob']],
    ['suppress', ['add']],
    ['suppress', ['add', 'x']],
    ['suppress', ['add', 'a@x.example', '--until', 'soon']],
    ['suppress', ['remove']],
    ['suppress', ['list', 'a@x.example']],
    ['suppress', ['list', '--dry-run']],
    ['status', ['--day', 'x']],
    ['show', []],
    ['send', ['--day', 'x']],
    ['requeue', []],
    ['report', ['--day', 'x']],
    ['report', ['--day', 'unreported', '--json']],
    ['fetch', []],
    ['fetch', ['sftp://', '--day', 'today']],
    ['fetch', ['/var/lib/tlsrpt', '--day', 'today']],
    ['fetch', ['--serve', 'x']],
    ['fetch', ['/var/lib/tlsrpt', '--source', '/srv/tlsrpt']],
    ['check', []],
    ['maptest', ['x.example']],
    ['setup', []],
    ['import', []],
    ['import-config', []],
    ['collect', ['--stdin', '--day', '2027-01-01']],
  ])('has one form also where %s finds it out: %j', async (command, words) => {
    const { code, stdout, stderr } = await run([command, ...words], { stateDir: '/nonexistent' });
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^2026-11-20T06:00:00\\.000Z error usage-error: .+[.?!] See tlsrpt ${command} --help\\.\n$`),
    );
  });

  it.each([
    ['a flag', ['status', '--log-format', 'json', '--jsno'], {}],
    ['a flag with its value', ['status', '--log-format=json', '--jsno'], {}],
    ['the environment', ['status', '--jsno'], { environment: { TLSRPT_LOG_FORMAT: 'json' } }],
    ['the file', ['status', '--jsno'], { configuration: 'log_format = "json"\n' }],
  ])('is answered in JSON where %s asks for that', async (_, words, surroundings) => {
    const { code, stderr } = await run(words, surroundings);
    expect(code).toBe(64);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      event: 'usage-error',
      message: expect.stringContaining('did you mean --json?') as string,
    });
  });

  it.each([
    ['send', '--contcat', 'did you mean --contact?'],
    ['report', '--domian', 'did you mean --domain?'],
    ['status', '--jsno', 'did you mean --json?'],
    ['send', '--smtp_tls', 'did you mean --smtp-tls?'],
    ['collect', '--sokcet', 'did you mean --socket?'],
    ['send', '--state-dri', 'did you mean --state-dir?'],
    ['status', '--Day', 'did you mean --day?'],
  ])('%s %s is answered with a suggestion', async (command, flag, suggestion) => {
    const { code, stderr } = await run([command, flag, 'x']);
    expect(code).toBe(64);
    expect(stderr).toContain(flag);
    expect(stderr).toContain(suggestion);
  });

  it.each([
    [['send', '--organisational-unit', 'x'], '--organisational-unit is not known.'],
    [['status', '--contact', 'a@x.example'], '--contact is not known.'], // a flag of another command
    [['status', '-x'], 'error usage-error: -x is not known.'],
    [['status', '--camelCase'], '--camelCase is not known.'],
    [['send', '--no-contact'], '--no-contact is not known; did you mean --contact?'], // it takes a value
  ])('%j is answered without one when nothing is alike', async (words, message) => {
    const { code, stderr } = await run(words.slice(0, 2));
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  it.each([
    [['collect', '--day', 'today'], '--day goes with --stdin.'],
    [['collect', '--stdin', '--socket', '/s'], '--socket does not go with --stdin.'],
    [['report', '--smtp', 'smtp://mx'], '--smtp goes with --deliver.'],
    [['report', '--format', 'json'], '--format goes with --out.'],
    [['status', '--destinations', '--day', 'today'], '--day does not go with --destinations.'],
    [['fetch', '--serve', '2026-11-20', '--source', '/srv/tlsrpt'], '--source does not go with --serve.'],
    [
      ['report', '--wait-for-missing', '1h', '--without-missing'],
      '--wait-for-missing does not go with --without-missing.',
    ],
    [['send', '--smtp', 'smtp://mx', '--sendmail', 'sendmail'], '--smtp does not go with --sendmail.'],
    [['fetch', '--serve', '2026-11-20', '--partial'], '--partial does not go with --serve.'],
  ])('%j is refused, as a flag of it would be ignored', async (words, message) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  it('has all that is wrong with its flags in one answer', async () => {
    const { code, stderr } = await run([
      'send',
      '--smtp-tlss',
      'off',
      '--smtp',
      'x',
      '--timeout',
      'y',
      '--parallel',
      '0',
    ]);
    expect(code).toBe(64);
    expect(stderr.split('\n')).toEqual([
      '2026-11-20T06:00:00.000Z error usage-error: --smtp-tlss is not known; did you mean --smtp-tls?',
      '  --smtp must be of the form smtp://host[:port] or smtps://host[:port], without credentials',
      '  --timeout must be a time such as 90s, 10m or 4h',
      '  --parallel must be at least 1',
      '  See tlsrpt send --help.',
      '',
    ]);
  });

  it('cannot write to the terminal what it likes', async () => {
    for (const words of [
      ['\u001b[2J'],
      ['status', '\u009b2J'],
      ['status', '--\u001b[2J'],
      ['suppress', '\u202eadd', 'x'],
    ])
      expect((await run(words)).stderr).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
  });
});
