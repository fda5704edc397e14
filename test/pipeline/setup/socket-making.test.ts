import { expect, it } from 'vitest';
import { planMaking } from '#pipeline/setup/socket-making.ts';
import { makeFoundHost, SOCKET } from '#test/support/found-host.ts';
import type { FoundHostTraits } from '#test/support/found-host.ts';

const DIRECTORY = '/var/spool/postfix/run/tlsrpt';
const socket = { path: SOCKET, group: 'postfix', mode: 0o660, isOfUnit: false };
const notesOn = (traits: FoundHostTraits): string[] => planMaking(SOCKET, makeFoundHost({ socket, ...traits }));

it.each<readonly [string, FoundHostTraits]>([
  ['systemd makes it', { socket: { ...socket, isOfUnit: true }, collectorGroups: [] }],
  ['the collector runs as root', { collectorUser: 'root', collectorGroups: [] }],
  ['it is there', { socketGroupAt: () => 'postfix', collectorGroups: [] }],
  ['its user has the group, and the directory', {}],
  ['its user has the group, which may write', { directories: { [DIRECTORY]: 'root:postfix 0770' } }],
  ['the directory is still to be made', { directories: { [DIRECTORY]: '' } }],
  ['everybody may write to it', { socket: { ...socket, mode: 0o666 }, collectorGroups: ['tlsrpt'] }],
])('A collector can make its socket where %s', (_, traits) => {
  expect(notesOn(traits)).toEqual([]);
});

it('What a collector lacks to make its socket is said with what gives it', () => {
  const directories = { [DIRECTORY]: 'root:postfix 0751' };
  expect(notesOn({ collectorGroups: ['tlsrpt'], directories })).toEqual([
    expect.stringContaining('usermod -a -G postfix tlsrpt') as string,
    expect.stringContaining(`chown tlsrpt ${DIRECTORY}`) as string,
  ]);
});
