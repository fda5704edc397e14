import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { connectTo, ipNetwork, listenAddress, serverAddress, smtpUrl } from '#config/value-types.ts';

/** What a value becomes, or what is wrong with it. */
function read(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  return result.success ? result.data : `problem: ${result.error.issues[0]?.message ?? ''}`;
}

describe('listenAddress', () => {
  it('takes an address and a port', () => {
    expect(read(listenAddress, '127.0.0.1:9180')).toEqual({ host: '127.0.0.1', port: 9_180 });
    expect(read(listenAddress, '[2001:DB8::0]:443')).toEqual({ host: '2001:db8::', port: 443 });
    expect(read(listenAddress, '0.0.0.0:0')).toEqual({ host: '0.0.0.0', port: 0 });
  });

  it.each([
    '127.0.0.1',
    '9180',
    ':9180',
    '2001:db8::1:9180',
    '[127.0.0.1]:9180',
    '127.0.0.1:65536',
    'localhost:9180',
    '',
  ])('refuses %j', (value) => {
    expect(String(read(listenAddress, value))).toMatch(/^problem: must/);
  });
});

describe('serverAddress', () => {
  it.each(['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]', '[2001:db8::53]:5353', '::1'])(
    'takes %s',
    (value) => {
      expect(read(serverAddress, value)).toBe(value);
    },
  );

  it.each([
    'ns.example', // a name would have to be looked up first
    '192.0.2.999',
    '192.0.2.53:0',
    '192.0.2.53:99999',
    '[192.0.2.53]:53',
    '[2001:db8::53',
    '2001:db8::53::',
    ':::',
    '',
    '192.0.2.53:',
  ])('refuses %j', (value) => {
    expect(read(serverAddress, value)).toBe('problem: must be an address such as 192.0.2.53 or 192.0.2.53:5353');
  });
});

describe('smtpUrl', () => {
  it.each(['smtp://localhost:25', 'smtps://mail.example', 'smtp://[::1]:2525/', 'smtp://192.0.2.1'])(
    'takes %s',
    (value) => {
      expect(read(smtpUrl, value)).toBe(value);
    },
  );

  it.each([
    'localhost:25',
    'http://localhost',
    'smtp://',
    'smtp://user:secret@mail.example', // a file is the place for a password
    'smtp://mail.example?x=1',
    'smtp://mail.example:99999',
    'smtp://mail.example:smtp',
    'smtp://[::1',
  ])('refuses %s', (value) => {
    expect(read(smtpUrl, value)).toContain('problem: must be of the form smtp://host[:port]');
  });
});

describe('connectTo', () => {
  it.each(['x.example:443:127.0.0.1:8443', '[2001:db8::1]:443:[::1]:8443'])('takes %s', (value) => {
    expect(read(connectTo, value)).toBe(value);
  });

  it.each([
    'x.example:443',
    'x.example:443:y.example',
    'x.example:443:y.example:0',
    'x.example:70000:y.example:1',
    '::1:443:::1:1',
  ])('refuses %s', (value) => {
    expect(read(connectTo, value)).toBe('problem: must be of the form HOST1:PORT1:HOST2:PORT2');
  });
});

describe('ipNetwork', () => {
  it.each(['127.0.0.1', '::1', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0', '192.0.2.1/32', '2001:db8::1/128'])(
    'takes %s',
    (value) => {
      expect(read(ipNetwork, value)).toBe(value);
    },
  );

  it.each([
    '',
    'a.example',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10/8',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    '1.2.3.4:5',
  ])('refuses %j', (value) => {
    expect(read(ipNetwork, value)).toMatch(/^problem: must be an address or a network/);
  });
});
