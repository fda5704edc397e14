import { describe, expect, it } from 'vitest';
import { judgeSocket } from '#pipeline/doctor/judge-socket.ts';
import type { PathEntry } from '#pipeline/doctor/judge-socket.ts';

const [ROOT, TLSRPT, POSTFIX] = [0, 990, 100];
const RESTART = /^systemctl restart tlsrpt\.socket tlsrpt\.service$/;
const PATH = '/q/run/tlsrpt.sock';
const entry = (path: string, traits: Partial<PathEntry> = {}): PathEntry => ({
  path,
  kind: 'directory',
  userId: ROOT,
  groupId: ROOT,
  mode: 0o755,
  ...traits,
});
const SOCKET = entry(PATH, { kind: 'socket', userId: TLSRPT, groupId: POSTFIX, mode: 0o660 });

function judge(
  directory: Partial<PathEntry>,
  socket: Partial<PathEntry> = {},
  isReceivedOn: boolean | undefined = true,
  isOfUnit = true,
): unknown {
  const entries = [entry('/'), entry('/q'), entry('/q/run', directory), { ...SOCKET, ...socket }];
  const user = { userId: POSTFIX, groupId: POSTFIX, group: 'postfix' };
  return judgeSocket({ entries, user, isReceivedOn, isOfUnit })[0];
}

describe('judgeSocket', () => {
  it.each<readonly [string, Partial<PathEntry>, Partial<PathEntry>]>([
    ['through its group', { userId: TLSRPT, groupId: POSTFIX, mode: 0o750 }, {}],
    ['as its owner', { userId: POSTFIX, mode: 0o700 }, { userId: POSTFIX, groupId: ROOT, mode: 0o200 }],
    ['as everybody', {}, { groupId: ROOT, mode: 0o666 }],
  ])('finds a socket that Postfix reaches %s', (_, directory, socket) => {
    expect(judge(directory, socket)).toMatchObject({ grade: 'ok' });
  });

  it.each<readonly [string, Partial<PathEntry>, Partial<PathEntry>, readonly [what: RegExp, fix: RegExp]]>([
    [
      'a missing directory',
      { kind: 'missing' },
      { kind: 'missing' },
      [/no directory \/q\/run/, /setup postfix --apply/],
    ],
    ['a file in place of a directory', { kind: 'other' }, {}, [/\/q\/run is not a directory/, /remove it/]],
    [
      'a directory of another group',
      { groupId: TLSRPT, mode: 0o750 },
      {},
      [/pass through.*0750/, /chgrp postfix \/q\/run/],
    ],
    ['one that its group cannot pass', { groupId: POSTFIX, mode: 0o701 }, {}, [/pass through/, /chmod g\+x/]],
    ['no socket', {}, { kind: 'missing' }, [/no socket/, RESTART]],
    ['a file in place of the socket', {}, { kind: 'other' }, [/is not a socket/, RESTART]],
    ['the wrong group of the socket', {}, { groupId: TLSRPT }, [/may not write to.*0660/, RESTART]],
    ['the wrong mode of the socket', {}, { mode: 0o600 }, [/may not write to.*0600/, RESTART]],
  ])('finds %s, and says what to do', (_, directory, socket, [what, fix]) => {
    expect(judge(directory, socket)).toEqual({
      grade: 'broken',
      check: 'socket',
      what: expect.stringMatching(what) as string,
      fix: expect.stringMatching(fix) as string,
    });
  });

  it('finds a socket that nobody receives on', () => {
    expect(judge({}, {}, false)).toMatchObject({ grade: 'broken', what: `Nobody receives on ${PATH}.` });
    expect(judge({}, {}, false, false)).toMatchObject({ fix: 'start the collector anew' });
  });
});
