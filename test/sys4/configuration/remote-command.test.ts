import { describe, expect, it } from 'vitest';
import { wordsOf } from '#sys4/configuration/fetcher-command.ts';
import { isThisHost, remoteHost } from '#sys4/configuration/remote-command.ts';

describe('remoteHost', () => {
  it.each([
    ['ssh mx1 tlsrpt-fetcher', 'mx1'],
    ['ssh mx1', 'mx1'],
    [
      '/usr/bin/ssh -i /etc/key -p2222 -oBatchMode=yes -4q tls@mx1.example -- tlsrpt-fetcher --storage x',
      'mx1.example',
    ],
    ['ssh -l tls mx1 -p 22 tlsrpt-fetcher -o HostName=x', 'mx1'],
    ['ssh ssh://tls@mx1:2222 tlsrpt-fetcher', 'mx1'],
    ['ssh tls@2001:db8::1 tlsrpt-fetcher', '2001:db8::1'],
    ['timeout 60 sshpass -p hunter2 ssh mx1 tlsrpt-fetcher', 'mx1'],
  ])('knows where %s logs in', (command, host) => {
    expect(remoteHost(wordsOf(command))).toBe(host);
  });

  it.each([
    'tlsrpt-fetcher',
    'fetch-from mx1',
    'docker exec ssh mx1',
    'sh -c ssh mx1 tlsrpt-fetcher',
    'ssh -o HostName=localhost mx1 tlsrpt-fetcher',
    'ssh mx1 -oProxyCommand=x tlsrpt-fetcher',
    'ssh -F /etc/aliases.cfg mx1 tlsrpt-fetcher',
    'ssh -W mx1:22 mx1',
    'ssh',
  ])('does not claim to know where %s leads', (command) => {
    expect(remoteHost(wordsOf(command))).toBeUndefined();
  });
});

describe('isThisHost', () => {
  const names = ['mail.sender.example', '192.0.2.7', '2001:db8::7'];

  it.each([
    'localhost',
    'LOCALHOST.',
    'localhost.localdomain',
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    'mail.sender.example.',
    'Mail',
    '192.0.2.7',
    '2001:DB8:0::7%eth0',
  ])('knows %s', (host) => {
    expect(isThisHost(host, names)).toBe(true);
  });

  it.each(['mx1', 'mail2', 'mail.other.example', 'sender.example', '192.0.2.8', '2001:db8::8', 'local'])(
    'takes %s for another one',
    (host) => {
      expect(isThisHost(host, names)).toBe(false);
    },
  );

  it('knows a host by its whole name where it has a short one itself', () => {
    expect(isThisHost('mail.sender.example', ['mail'])).toBe(true);
  });
});
