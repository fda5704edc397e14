import { expect, it } from 'vitest';
import { judgeProbe, probeNotTried } from '#pipeline/doctor/judge-probe.ts';
import type { ProbeFate } from '#pipeline/doctor/judge-probe.ts';

const facts = {
  instance: { configDirectory: '/etc/postfix', user: 'postfix' },
  socketName: 'run/tlsrpt/tlsrpt.sock',
  hasUnit: true,
};

it.each<readonly [ProbeFate, string, RegExp]>([
  [{ kind: 'arrived' }, 'ok', /from postfix \(\/etc\/postfix\) to run\/tlsrpt\/tlsrpt\.sock has come/],
  [{ kind: 'not-sent', why: 'EACCES' }, 'broken', /cannot be sent: EACCES/],
  [{ kind: 'not-sent', why: 'EAGAIN' }, 'broken', /cannot be sent: EAGAIN/],
  [{ kind: 'lost', waitedMs: 5_000 }, 'broken', /has not come to the collector in 5 seconds/],
])('A test datagram that is %j is %s', (fate, grade, what) => {
  expect(judgeProbe({ ...facts, fate })).toMatchObject({
    grade,
    check: 'probe',
    what: expect.stringMatching(what) as string,
  });
});

it.each<readonly [ProbeFate, RegExp]>([
  [{ kind: 'not-sent', why: 'ECONNREFUSED' }, /^see collect\.socket, and start the collector anew$/],
  [{ kind: 'lost', waitedMs: 5_000 }, /^start the collector anew: /],
])('Where the MTA is elsewhere, the remedy for one that is %j names no Postfix', (fate, fix) => {
  const finding = judgeProbe({ instance: undefined, socketName: '/run/s', fate, hasUnit: true });
  expect(finding).toMatchObject({
    grade: 'broken',
    what: expect.stringMatching(/^A test datagram to \/run\/s /) as string,
  });
  expect(finding).toMatchObject({ fix: expect.stringMatching(fix) as string });
});

it.each<ProbeFate>([
  { kind: 'not-sent', why: 'EACCES' },
  { kind: 'not-sent', why: 'EAGAIN' },
  { kind: 'lost', waitedMs: 5_000 },
])('Where systemd does not run the collector, the remedy for one that is %j names nothing of systemd', (fate) => {
  const fixes = [true, false].map((hasUnit) => JSON.stringify(judgeProbe({ ...facts, fate, hasUnit })));
  expect(fixes.map((fix) => /systemctl|journalctl/.test(fix))).toEqual([true, false]);
});

it('Without root no test datagram is sent, which is said', () => {
  expect(probeNotTried()).toMatchObject({ grade: 'warning', check: 'probe', fix: 'run this as root' });
});
