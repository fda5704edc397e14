import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '#cli/commands.ts';
import { runProgram } from '#cli/program.ts';
import { MORNING_MS } from '#test/support/collected-days.ts';
import { writeMap } from '#test/support/maps.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('a configuration that is wrong', () => {
  it('ends with 78, and all of it is told', async () => {
    const { code, stdout, stderr } = await run(['send', '--dry-run', '--timeout', 'soon'], {
      configuration: 'keep_days = 1\n[send]\nparalel = 3\n',
      environment: { TLSRPT_LOG_FORMAT: 'xml', TLSRPT_SEND_SMTPP: 'x' },
    });
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    const lines = stderr.trim().split('\n');
    expect(lines[0]).toMatch(
      /^\S+Z error configuration-error: .*tlsrpt\.toml: send\.paralel is not known; did you mean send\.parallel\?$/,
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
    expect(stdout).toContain('or:    tlsrpt suppress list [options]');
    expect((await run(['report', '--help'], { columns: 110 })).stdout).toMatch(/report\.loop_guard; default: on/);
  });

  it.each(commands.map(({ name, examples }) => ({ name, examples })))(
    'is help for $name within 80 columns, with examples that can be copied and nothing of the parser',
    async ({ name, examples }) => {
      const { code, stdout } = await run([name, '--help']);
      expect(code).toBe(0);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(stdout).not.toMatch(/\[(?:string|boolean|array)\]/);
      for (const [words] of examples) expect(stdout).toContain(`\n  tlsrpt ${words}\n`);
    },
  );

  it('knows the command behind flags with values', async () => {
    const words = ['--state-dir', '/nonexistent', 'send', '--no-now'];
    expect(await run([...words, '--day', 'x'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--day x is no day') as string,
    });
    expect((await run([...words, '--help'])).stdout).toContain('Usage: tlsrpt send ');
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
  it.each(['text', 'json'] as const)('ends with 70 and asks to be reported, as %s', async (format) => {
    const written: string[] = [];
    const code = await runProgram(['--help'], {
      environment: { TLSRPT_LOG_FORMAT: format },
      clock: { nowMs: () => MORNING_MS },
      stdout: () => {
        throw new RangeError('frob');
      },
      stderr: (text) => written.push(text),
    });
    expect(code).toBe(70);
    const message = 'This is a bug in tlsrpt; please report it with what follows.\n  RangeError: frob\n      at ';
    const [line = ''] = written;
    if (format === 'text') expect(line).toContain(`2026-11-20T06:00:00.000Z error internal-error: ${message}`);
    else expect(JSON.parse(line)).toMatchObject({ message: expect.stringContaining(message) as string });
  });
});
