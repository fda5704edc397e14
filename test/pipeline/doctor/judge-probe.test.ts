import { expect, it } from 'vitest';
import { judgeProbe, probeNotTried } from '#pipeline/doctor/judge-probe.ts';
import type { ProbeFate } from '#pipeline/doctor/judge-probe.ts';

const facts = { configDirectory: '/etc/postfix', socketName: 'run/tlsrpt/tlsrpt.sock', user: 'postfix' };

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

it('Without root no test datagram is sent, which is said', () => {
  expect(probeNotTried()).toMatchObject({ grade: 'warning', check: 'probe', fix: 'run this as root' });
});
