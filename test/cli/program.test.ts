import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeMap } from '#test/support/maps.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

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
    [['status', '--day', 'today', '--day', 'yesterday'], '--day is given more than once.'],
    [['status', '--config', 'a', '--config', 'b'], '--config is given more than once.'],
  ])('%j ends with 64 and says what is wrong', async (words, message) => {
    const { code, stdout, stderr } = await run(words);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(`error usage-error: ${message}\n`);
  });

  it.each([
    ['a flag', ['status', '--log-format', 'json', '--jsno'], {}],
    ['a flag with its value', ['status', '--log-format=json', '--jsno'], {}],
    ['the environment', ['status', '--jsno'], { TLSRPT_LOG_FORMAT: 'json' }],
  ])('is answered in JSON where %s asks for that', async (_, words, environment) => {
    const { code, stderr } = await run(words, { environment });
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
    [['send', '--organisational-unit', 'x'], '--organisational-unit is not known\n'],
    [['status', '--contact', 'a@x.example'], '--contact is not known\n'], // a flag of another command
    [['status', '-x'], 'command line: -x is not known\n'],
    [['status', '--camelCase'], '--camelCase is not known\n'],
    [['send', '--no-contact'], '--no-contact is not known; did you mean --contact?\n'], // it takes a value
  ])('%j is answered without one when nothing is alike', async (words, message) => {
    const { code, stderr } = await run(words.slice(0, 2));
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  it.each([
    [['collect', '--day', 'today'], '--day goes with --stdin\n'],
    [['collect', '--stdin', '--socket', '/s'], '--socket does not go with --stdin\n'],
    [['report', '--smtp', 'smtp://mx'], '--smtp goes with --deliver\n'],
    [['report', '--format', 'json'], '--format goes with --out\n'],
    [['status', '--destinations', '--day', 'today'], '--day does not go with --destinations\n'],
    [['fetch', '--serve', '2026-11-20', '--partial'], '--partial does not go with --serve\n'],
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
      'error usage-error: command line: --smtp-tlss is not known; did you mean --smtp-tls?',
      '  command line: --smtp must be of the form smtp://host[:port] or smtps://host[:port], without credentials',
      '  command line: --timeout must be a time such as 90s, 10m or 4h',
      '  command line: --parallel must be at least 1',
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

describe('a configuration that is wrong', () => {
  it('ends with 78, and all of it is told', async () => {
    const { code, stdout, stderr } = await run(['send', '--dry-run', '--timeout', 'soon'], {
      configuration: 'keep_days = 1\n[send]\nparalel = 3\n',
      environment: { TLSRPT_LOG_FORMAT: 'xml', TLSRPT_SEND_SMTPP: 'x' },
    });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    const lines = stderr.trim().split('\n');
    expect(lines[0]).toMatch(
      /^error configuration-error: .*tlsrpt\.toml: send\.paralel is not known; did you mean send\.parallel\?$/,
    );
    expect(
      lines
        .slice(1)
        .map((line) => line.replace(/^ {2}\S+tlsrpt\.toml/, '  FILE'))
        .sort(),
    ).toEqual([
      '  FILE: keep_days must be at least 2',
      '  command line: --timeout must be a time such as 90s, 10m or 4h',
      '  environment: TLSRPT_LOG_FORMAT must be text or json',
      '  environment: TLSRPT_SEND_SMTPP is not known; did you mean TLSRPT_SEND_SMTP?',
    ]);
  });

  it('is told with its line when it is no TOML', async () => {
    const { code, stderr } = await run(['status'], { configuration: 'keep_days = 3\n[send\n' });
    expect(code).toBe(78);
    expect(stderr).toMatch(/tlsrpt\.toml: line 2 Invalid TOML document: /);
  });

  it('is wrong too when the file that was named is not there', async () => {
    const { code, stderr } = await run(['status', '--config', '/nonexistent/tlsrpt.toml']);
    expect(code).toBe(78);
    expect(stderr).toMatch(/\/nonexistent\/tlsrpt\.toml cannot be read: ENOENT.*--config/);
  });
});

describe('the configuration file', () => {
  it('is the one of --config before the one of the environment', async () => {
    const file = join(scratchDirectory(), 'other.toml');
    writeFileSync(file, '[send]\nsmtp = "nonsense"\n');
    expect((await run(['status'])).code).toBe(0);
    expect((await run(['status', '--config', file])).code).toBe(78);
  });
});

describe('what the program answers by itself', () => {
  it.each([
    [
      ['help', 'send'],
      ['send', '--help'],
    ],
    [
      ['help', 'suppress'],
      ['suppress', '-h'],
    ],
  ])('is the same help for %j as for %j', async (words, others) => {
    const [one, other] = [await run(words), await run(others)];
    expect(one).toEqual(other);
    expect(one).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Usage: tlsrpt ${String(words[1])} `) as string,
    });
  });

  it('is help as wide as the terminal, and 80 columns where there is none', async () => {
    const widest = async (columns?: number): Promise<number> => {
      const { stdout } = await run(['send', '--help'], { columns });
      return Math.max(...stdout.split('\n').map((line) => line.length));
    };
    expect(await widest()).toBeLessThanOrEqual(80);
    expect(await widest(60)).toBeLessThanOrEqual(60);
    expect(await widest(100)).toBeGreaterThan(80);
  });

  it('is what a command needs, how a switch stands, and examples', async () => {
    const { stdout } = await run(['suppress', '--help'], { columns: 110 });
    expect(stdout).toContain('tlsrpt suppress add ADDRESS [--until DATE] [options]');
    expect(stdout).toContain('tlsrpt suppress list  ');
    expect((await run(['report', '--help'], { columns: 110 })).stdout).toMatch(/report\.loop_guard; default: on/);
    expect((await run(['send', '--help'], { columns: 110 })).stdout).not.toMatch(/\[(?:string|boolean|array)\]/);
  });

  it.each(['--help', '-h', 'help'])('is help, with every command: %s', async (word) => {
    const { code, stdout, stderr } = await run([word]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of [
      'setup',
      'doctor',
      'collect',
      'fetch',
      'report',
      'send',
      'suppress',
      'status',
      'maptest',
      'import-config',
      'completion',
    ])
      expect(stdout).toContain(`tlsrpt ${command}`);
  });

  it.each([
    ['setup', ['--apply', '--remove', '--json', '--socket']],
    ['collect', ['--socket', '--socket-mode', '--stdin']],
    ['fetch', ['--day', '--identity', '--known-hosts', '--partial']],
    [
      'report',
      [
        '--day',
        '--domain',
        '--out',
        '--format',
        '--record-map',
        '--json',
        '--deliver',
        '--partial',
        '--success-only',
        '--organization',
        '--contact',
      ],
    ],
    ['send', ['--day', '--dry-run', '--now', '--smtp', '--sendmail', '--https-ca', '--allow-private-destinations']],
    ['suppress', ['--until']],
    ['status', ['--day', '--domain', '--json']],
    ['maptest', ['--json', '--record-map', '--mail-map', '--https-map']],
    ['import-config', []],
  ])('is help for %s, with its flags', async (command, flags) => {
    const { code, stdout } = await run([command, '--help']);
    expect(code).toBe(0);
    for (const flag of [...flags, '--config', '--state-dir', '--log-level', '--log-format', '--dns-server'])
      expect(stdout).toContain(flag);
  });

  it.each(['--version', '-V'])('is the version: %s', async (word) => {
    const { code, stdout } = await run([word]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });

  it('is a script for the shell', async () => {
    const { code, stdout } = await run(['completion']);
    expect(code).toBe(0);
    expect(stdout).toContain('--get-yargs-completions');
  });

  it.each([
    [['tlsrpt', 're'], 'report'],
    [['tlsrpt', 'su'], 'suppress'],
    [['tlsrpt', '--state'], '--state-dir'],
    [['tlsrpt', 'send', '--dry'], '--dry-run'],
    [['tlsrpt', 'send', '--contact', 'tlsrpt@sender.example', '--no'], '--now'],
    [['tlsrpt', 'report', ''], '--success-only'],
  ])('is what that script asks: %j', async (words, completion) => {
    const { code, stdout, stderr } = await run(['--get-yargs-completions', ...words]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(completion);
  });
});

describe('the log', () => {
  const beforeTheDay = ['status', '--day', '2026-13-01'];

  it('has the time, unless the journal adds it', async () => {
    expect((await run(beforeTheDay)).stderr).toMatch(/^2026-11-20T06:00:00\.000Z error usage-error: /);
    expect((await run(beforeTheDay, { environment: { JOURNAL_STREAM: '8:1' } })).stderr).toMatch(
      /^error usage-error: /,
    );
  });

  it('is JSON when asked for', async () => {
    const { code, stderr } = await run([...beforeTheDay, '--log-format', 'json']);
    expect(code).toBe(64);
    expect(JSON.parse(stderr)).toMatchObject({
      time: '2026-11-20T06:00:00.000Z',
      level: 'error',
      event: 'usage-error',
    });
  });
});

describe('a problem that lists mistakes', () => {
  it('has each on a line of its own, also where a command has begun', async () => {
    const map = writeMap('x', 'y FROB');
    const { stderr } = await run(['report', '--record-map', map]);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^\\S+Z error configuration-error: ${map}:1: there is no action`)),
      `  ${map}:2: FROB is none of the actions ACCEPT, DISCARD, REPLACE, APPEND and REGEXP`,
      '',
    ]);
  });
});

describe('a bug', () => {
  it('ends with 70 and asks to be reported', async () => {
    const noTime = { nowMs: NaN };
    const { code, stdout, stderr } = await run(['status', '--day', 'today'], noTime);
    expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
    expect(stderr).toMatch(
      /^error internal-error: This is a bug in tlsrpt; please report it with what follows\.\nRangeError: /,
    );
  });
});
