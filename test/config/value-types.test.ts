import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  dkimKey,
  domain,
  durationMs,
  fileMode,
  flag,
  integer,
  list,
  mailAddress,
  mailbox,
  proxyUrl,
  registeredDomain,
  sendmailCommand,
  text,
} from '#config/value-types.ts';

/** What a value becomes, or what is wrong with it. */
function read(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  return result.success ? result.data : `problem: ${result.error.issues[0]?.message ?? ''}`;
}

describe('text', () => {
  it.each([
    ['plain text', 'plain text'],
    ['', 'problem: must not be empty'],
    ['a\nb', 'problem: must be one line without control characters'],
    ['a\u0000b', 'problem: must be one line without control characters'],
    [5, 'problem: must be text in quotes'],
    [['a', 'b'], 'problem: must be one value'], // a flag that was given twice
  ])('takes %j as %j', (value, result) => {
    expect(read(text, value)).toBe(result);
  });
});

describe('integer', () => {
  it.each([
    [5, 5],
    ['5', 5],
    [1, 'problem: must be at least 2'],
    ['1', 'problem: must be at least 2'],
    [11, 'problem: must be at most 10'],
    [2.5, 'problem: must be a whole number'],
    ['2.5', 'problem: must be a whole number'],
    ['', 'problem: must be a whole number'],
    [' 5', 'problem: must be a whole number'],
    ['0x5', 'problem: must be a whole number'],
    ['5e0', 'problem: must be a whole number'],
    ['five', 'problem: must be a whole number'],
    [true, 'problem: must be a whole number'],
    [[5], 'problem: must be a whole number'],
    [NaN, 'problem: must be a whole number'],
    [null, 'problem: must be a whole number'],
  ])('takes %j as %j', (value, result) => {
    expect(read(integer(2, 10), value)).toBe(result);
  });
});

describe('flag', () => {
  it.each([
    [true, true],
    ['true', true],
    ['false', false],
    [false, false],
    ['yes', 'problem: must be true or false'],
    [1, 'problem: must be true or false'],
  ])('takes %j as %j', (value, result) => {
    expect(read(flag, value)).toBe(result);
  });
});

describe('durationMs', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['4h', 14_400_000],
    ['1d', 86_400_000],
    ['0', 0],
    [0, 0],
    ['0s', 0],
    ['2d', 'problem: must be between 0s and 1d'],
    ['999999d', 'problem: must be between 0s and 1d'],
    ['10', 'problem: must be a time such as 90s, 10m or 4h'],
    [10, 'problem: must be a time such as 90s, 10m or 4h'],
    ['', 'problem: must be a time such as 90s, 10m or 4h'],
    ['-1s', 'problem: must be a time such as 90s, 10m or 4h'],
    ['1.5h', 'problem: must be a time such as 90s, 10m or 4h'],
    ['1 h', 'problem: must be a time such as 90s, 10m or 4h'],
    ['4H', 'problem: must be a time such as 90s, 10m or 4h'],
    [['1s', '2s'], 'problem: must be a time such as 90s, 10m or 4h'],
  ])('takes %j as %j', (value, result) => {
    expect(read(durationMs('0s', '1d'), value)).toBe(result);
  });

  it('refuses less than the least', () => {
    expect(read(durationMs('1s', '1h'), '0s')).toBe('problem: must be between 1s and 1h');
    expect(read(durationMs('1s', '1h'), 0)).toBe('problem: must be between 1s and 1h');
    expect(read(durationMs('1s', '1h'), '1s')).toBe(1_000);
  });
});

describe('fileMode', () => {
  it.each([
    ['0660', 0o660],
    ['660', 0o660],
    ['0777', 0o777],
    ['0668', 'problem: must be an octal mode such as 0660'],
    ['01660', 'problem: must be an octal mode such as 0660'],
    ['66', 'problem: must be an octal mode such as 0660'],
    ['u+rw', 'problem: must be an octal mode such as 0660'],
    [660, 'problem: must be an octal mode in quotes, such as "0660"'],
  ])('takes %j as %j', (value, result) => {
    expect(read(fileMode, value)).toBe(result);
  });
});

describe('mailAddress', () => {
  it.each(['postmaster@example.com', "o'neil+tls@Example.com", 'a.b@x.example'])('takes %s', (value) => {
    expect(read(mailAddress, value)).toBe(value);
  });

  it.each([
    'postmaster', // no domain
    '@example.com', // no mailbox
    'a@b@example.com',
    '.a@example.com', // no dot-atom
    'a..b@example.com',
    `${'a'.repeat(65)}@example.com`,
    'a b@example.com',
    'Post Master <postmaster@example.com>', // RFC 8460 4.4: bare
    'postmaster@bücher.example', // A-labels, please
    'postmaster@',
    'postmaster@example..com',
    '-f@-x',
  ])('refuses %s', (value) => {
    expect(read(mailAddress, value)).toBe('problem: must be a mail address such as postmaster@example.com');
  });

  it('refuses what would end its header field', () => {
    expect(read(mailAddress, 'a@x.example\r\nBcc: b@y.example')).toContain('problem: ');
  });
});

describe('mailbox', () => {
  it.each([
    ['noreply@example.com', { address: 'noreply@example.com', name: undefined }],
    ['Example TLS reports <noreply@example.com>', { address: 'noreply@example.com', name: 'Example TLS reports' }],
    ['Bücher GmbH <noreply@example.com>', { address: 'noreply@example.com', name: 'Bücher GmbH' }],
    ['"Example, \\"Ltd\\"" <noreply@example.com>', { address: 'noreply@example.com', name: 'Example, "Ltd"' }],
  ])('takes %s', (value, expected) => {
    expect(read(mailbox, value)).toEqual(expected);
  });

  it.each([
    'Example',
    '<noreply@example.com>', // no name
    'Example <noreply>',
    'Example <a@example.com>, <b@example.com>',
    'Example "x" <a@example.com>',
    'Example <a@example.com> (comment)',
  ])('refuses %s', (value) => {
    expect(read(mailbox, value)).toBe('problem: must be a mail address such as Example <noreply@example.com>');
  });

  it('refuses what would end its header field', () => {
    expect(read(mailbox, 'Example\r\nBcc: b@y.example <a@x.example>')).toContain('problem: ');
  });
});

describe('proxyUrl', () => {
  it.each(['http://proxy.example:3128', 'http://192.0.2.1:8080/', 'http://[2001:db8::1]:3128'])('takes %s', (value) => {
    expect(read(proxyUrl, value)).toBe(value);
  });

  it.each([
    'proxy.example:3128',
    'https://proxy.example',
    'http://user:hunter2@proxy.example',
    'http://proxy.example/path',
  ])('refuses %s', (value) => {
    expect(read(proxyUrl, value)).toBe('problem: must be of the form http://host:port, without credentials');
  });
});

describe('sendmailCommand', () => {
  it.each([
    ['/usr/sbin/sendmail', ['/usr/sbin/sendmail']],
    ['msmtp -a "second account"', ['msmtp', '-a', 'second account']],
    ['/opt/my\\ mailer/sendmail -oi', ['/opt/my mailer/sendmail', '-oi']],
    ['msmtp -a ssh', ['msmtp', '-a', 'ssh']],
    ['ssh gw /usr/sbin/sendmail', ['ssh', 'gw', '/usr/sbin/sendmail']],
  ])('takes %s', (value, words) => {
    expect(read(sendmailCommand, value)).toEqual(words);
  });

  it.each([
    'sendmail -t',
    '/usr/sbin/sendmail -oi -it',
    'sendmail -vt',
    'sendmail -ct',
    'sendmail -tf a@b.example',
    'msmtp --read-recipients',
  ])('refuses %s, which would take the recipients out of the mail', (value) => {
    expect(read(sendmailCommand, value)).toBe('problem: must not have -t: each mail is handed over with its recipient');
  });

  it.each(['cat > /dev/null', 'sendmail | tee log', 'sendmail $OPTIONS', 'sendmail ${X', "sendmail 'x", '   '])(
    'refuses %j, which needs a shell',
    (value) => {
      expect(read(sendmailCommand, value)).toBe(
        'problem: must be a command that is run without a shell: no variables, patterns or pipes',
      );
    },
  );
});

describe('list', () => {
  it.each([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['a', ['a']],
    [[], []],
    [['a', ''], 'problem: must not be empty'],
    [[['a']], 'problem: must be one value'],
    [5, 'problem: must be text in quotes'],
  ])('takes %j as %j', (value, result) => {
    expect(read(list(text), value)).toEqual(result);
  });
});

describe('domain', () => {
  it.each([
    ['example.com', 'example.com'],
    ['Bücher.EXAMPLE.', 'xn--bcher-kva.example'],
    ['', 'problem: must not be empty'],
    ['a b.example', 'problem: must be a domain such as example.com'],
    ['example..com', 'problem: must be a domain such as example.com'],
  ])('takes %j as %j', (value, result) => {
    expect(read(domain, value)).toBe(result);
  });
});

describe('dkimKey', () => {
  it.each(['2026', 'a-1', 's1.mail', '2026=/etc/tlsrpt/key.pem', 'x=a=b'])('takes %j', (value) => {
    expect(read(dkimKey, value)).toBe(value);
  });

  it.each(['=/key.pem', 'a_b', '-a', 'a..b', 'a=', 'a b=/key.pem'])('does not take %j', (value) => {
    expect(read(dkimKey, value)).toBe('problem: must be of the form SELECTOR or SELECTOR=FILE');
  });
});

describe('registeredDomain', () => {
  it.each([
    ['Sender.EXAMPLE.', 'sender.example'],
    ['example', 'problem: must be a domain such as example.com, not a top-level domain'],
    ['a b.example', 'problem: must be a domain such as example.com'],
  ])('reads %s', (value, result) => {
    expect(read(registeredDomain, value)).toBe(result);
  });
});
