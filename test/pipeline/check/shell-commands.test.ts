import { describe, expect, it } from 'vitest';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';

describe('ShellCommands', () => {
  it.each([
    [[], 'dig +short MX a.example'],
    [['192.0.2.53', '192.0.2.54'], 'dig @192.0.2.53 +short MX a.example'],
    [['192.0.2.53:5353'], 'dig @192.0.2.53 -p 5353 +short MX a.example'],
    [['2001:db8::53'], 'dig @2001:db8::53 +short MX a.example'],
    [['[2001:db8::53]:5353'], 'dig @2001:db8::53 -p 5353 +short MX a.example'],
  ])('asks the name server that was asked: %j', (servers, command) => {
    expect(new ShellCommands(servers).dig('MX', 'a.example')).toBe(command);
  });

  it('looks at the address in question, under the name of the host', () => {
    const commands = new ShellCommands([]);
    expect(commands.openssl('mx.a.example', { port: 25 })).toContain(
      '-connect mx.a.example:25 -servername mx.a.example',
    );
    expect(commands.openssl('mx.a.example', { address: '2001:db8::1', port: 2525 })).toContain(
      '-connect [2001:db8::1]:2525 -servername mx.a.example',
    );
  });
});
