import { describe, expect, it } from 'vitest';
import { sendmailOutcome } from '#adapters/mail/sendmail-outcome.ts';

const PATH = '/usr/sbin/sendmail';

describe('the end of a sendmail command', () => {
  it('with 0 means delivered', () => {
    expect(sendmailOutcome(PATH, { kind: 'exited', code: 0, stderr: 'a warning' })).toEqual({
      kind: 'delivered',
      reply: 'handed to /usr/sbin/sendmail',
    });
  });

  it.each([
    [64, 'ours'],
    [65, 'unclear'],
    [67, 'unclear'],
    [68, 'unclear'],
    [69, 'ours'],
    [70, 'ours'],
    [71, 'ours'],
    [72, 'ours'],
    [77, 'ours'],
    [78, 'ours'],
  ])('with %i means refused, which is %s', (code, whose) => {
    expect(sendmailOutcome(PATH, { kind: 'exited', code, stderr: 'no\n' })).toEqual({
      kind: 'refused',
      whose,
      reply: `/usr/sbin/sendmail ended with ${String(code)}: no`,
    });
  });

  it.each([1, 75, 76, 127])('with %i means deferred', (code) => {
    expect(sendmailOutcome(PATH, { kind: 'exited', code, stderr: '' }).kind).toBe('deferred');
  });

  it('by a signal means deferred', () => {
    expect(sendmailOutcome(PATH, { kind: 'exited', code: null, stderr: '' })).toEqual({
      kind: 'deferred',
      reply: '/usr/sbin/sendmail was killed',
    });
  });

  it('keeps what it complained about short and without control characters', () => {
    const { reply } = sendmailOutcome(PATH, { kind: 'exited', code: 75, stderr: `a\u001b[2J\n${'b'.repeat(500)}` });
    expect(reply).toMatch(/^\/usr\/sbin\/sendmail ended with 75: a \[2J b+$/);
    expect(reply.length).toBeLessThan(250);
  });
});
