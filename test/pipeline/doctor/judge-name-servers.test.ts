import { describe, expect, it } from 'vitest';
import { judgeNameServers } from '#pipeline/doctor/judge-name-servers.ts';
import type { NameServer } from '#pipeline/doctor/judge-name-servers.ts';

const [validating, credulous, silent]: readonly [NameServer, NameServer, NameServer] = [
  { server: '127.0.0.1', validates: true },
  { server: '192.0.2.1', validates: false },
  { server: '192.0.2.2', validates: undefined },
];

describe('judgeNameServers', () => {
  it.each<readonly [string, NameServer, readonly NameServer[]]>([
    ['that do not validate, without DANE', credulous, []],
    ['that validate, with DANE', validating, [validating]],
  ])('is content with servers %s', (_, ours, ofDane) => {
    expect(judgeNameServers({ ours: [ours], ofDane })).toMatchObject([{ grade: 'ok', check: 'name-servers' }]);
  });

  it.each<readonly [readonly NameServer[], readonly NameServer[], string, RegExp]>([
    [[], [], 'broken', /No name server answers: there is none/],
    [[silent], [], 'broken', /No name server answers: 192\.0\.2\.2/],
    [[validating, silent], [], 'warning', /Some name servers do not answer: 192\.0\.2\.2/],
    [[validating], [credulous], 'warning', /Postfix uses DANE, and 192\.0\.2\.1 does not validate/],
  ])('finds what is wrong, case %#', (ours, ofDane, grade, what) => {
    expect(judgeNameServers({ ours, ofDane })).toEqual([
      {
        grade,
        check: 'name-servers',
        what: expect.stringMatching(what) as string,
        fix: expect.stringMatching(/resolv\.conf/) as string,
      },
    ]);
  });
});
