import { describe, expect, it } from 'vitest';
import { chooseSocketPath, leadsThere, routeTo } from '#pipeline/setup/socket-place.ts';
import { makeInstance, SOCKET } from '#test/support/found-host.ts';

const chrooted = makeInstance();
const free = makeInstance({ isChrooted: false });
const other = makeInstance({ name: 'postfix-out' });

describe('The socket', () => {
  it.each([
    ['stays below a queue directory', [chrooted], '/var/spool/postfix/x.sock', '/var/spool/postfix/x.sock'],
    ['stays below that of another instance', [chrooted, other], '/var/spool/postfix-out/x', '/var/spool/postfix-out/x'],
    ['stays anywhere while nobody is chrooted', [free], '/run/tlsrpt/tlsrpt.sock', '/run/tlsrpt/tlsrpt.sock'],
    ['moves to where a chrooted smtp(8) reaches it', [chrooted], '/run/tlsrpt/tlsrpt.sock', SOCKET],
    ['moves when one of several is chrooted', [free, other], '/run/x.sock', SOCKET],
    ['is not below a directory whose name only begins alike', [chrooted], '/var/spool/postfix2/x.sock', SOCKET],
  ] as const)('%s', (_, instances, current, expected) => {
    const [first, ...rest] = instances;
    expect(chooseSocketPath([first, ...rest], current)).toBe(expected);
  });
});

describe('smtp_tlsrpt_socket_name', () => {
  it.each([
    [chrooted, SOCKET, 'run/tlsrpt/tlsrpt.sock', undefined],
    [free, SOCKET, 'run/tlsrpt/tlsrpt.sock', undefined],
    [free, '/run/tlsrpt.sock', '/run/tlsrpt.sock', undefined],
    [other, SOCKET, 'run/tlsrpt/tlsrpt.sock', '/var/spool/postfix-out/run/tlsrpt'],
  ])('leads there, case %#', (instance, path, name, mountPoint) => {
    const route = routeTo(path, instance);
    expect(route).toEqual({ name, mountPoint });
    const set = { ...instance, parameters: { ...instance.parameters, smtp_tlsrpt_socket_name: name } };
    expect([leadsThere(route, path, set), leadsThere(route, path, instance)]).toEqual([true, false]);
  });

  it('must be relative where only some are chrooted', () => {
    const [first, second] = chrooted.clients;
    if (!first || !second) throw new Error('two clients');
    const mixed = { ...chrooted, clients: [first, { ...second, isChrooted: false }] };
    const named = (name: string): boolean =>
      leadsThere(routeTo(SOCKET, mixed), SOCKET, { ...mixed, parameters: { smtp_tlsrpt_socket_name: name } });
    expect([named(SOCKET), named('/run/tlsrpt/tlsrpt.sock'), named('run/tlsrpt/tlsrpt.sock')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
