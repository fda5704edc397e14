import { expect, it } from 'vitest';
import { judgePostfixLog } from '#pipeline/doctor/judge-postfix-log.ts';

it('A silent log of Postfix is fine', () => {
  expect(judgePostfixLog([])).toMatchObject([{ grade: 'ok', check: 'postfix-log' }]);
});

it('What Postfix could not report is counted, and the last of it quoted without what would trick a terminal', () => {
  expect(judgePostfixLog(['one', 'warning: Could not report\u001b[2J'])).toEqual([
    {
      grade: 'warning',
      check: 'postfix-log',
      what: 'In the last day Postfix could not report 2 times, at last: warning: Could not report [2J',
      fix: expect.stringMatching(/mend what else/) as string,
    },
  ]);
});
