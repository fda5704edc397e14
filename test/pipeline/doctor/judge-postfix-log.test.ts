import { expect, it } from 'vitest';
import { judgePostfixLog } from '#pipeline/doctor/judge-postfix-log.ts';

it('A silent log of Postfix is fine', () => {
  expect(judgePostfixLog({ complaints: [], unread: undefined })).toMatchObject([{ grade: 'ok', check: 'postfix-log' }]);
});

it('What Postfix could not report is counted, and the last of it quoted without what would trick a terminal', () => {
  expect(judgePostfixLog({ complaints: ['one', 'warning: Could not report\u001b[2J'], unread: undefined })).toEqual([
    {
      grade: 'warning',
      check: 'postfix-log',
      what: 'In the last day Postfix could not report 2 times, at last: warning: Could not report [2J',
      fix: expect.stringMatching(/mend what else/) as string,
    },
  ]);
});

it('A log that may not be read is not called silent, and one that is elsewhere is fine', () => {
  const why = 'No journal files were opened due to insufficient permissions.';
  const unread = { why, isElsewhere: false };
  expect(judgePostfixLog({ complaints: [], unread })).toMatchObject([
    {
      grade: 'warning',
      what: `It is not known whether Postfix has complained: ${why}`,
      fix: expect.stringMatching(/^run this as root/) as string,
    },
  ]);
  expect(judgePostfixLog({ complaints: ['one'], unread })).toMatchObject([
    { what: expect.stringMatching(/could not report 1 times/) as string },
  ]);
  expect(judgePostfixLog({ complaints: [], unread: { ...unread, isElsewhere: true } })).toMatchObject([
    { grade: 'ok', what: expect.stringMatching(/not here to be looked at/) as string },
  ]);
});
