import { describe, expect, it } from 'vitest';
import { summarizeInbound } from '#tlsrpt/inbound-summary.ts';
import { documentWith, only, reportsIn, soundEntry } from '#test/support/inbound-documents.ts';

describe('What a report of others says in short', () => {
  it('has all of its counts, and of its failures the sessions of each result type', () => {
    const failure = { 'result-type': 'certificate-expired', 'failed-session-count': 5 };
    const details = [...(soundEntry()['failure-details'] as object[]), failure];
    const report = only(reportsIn(documentWith({ 'failure-details': details })));
    expect(summarizeInbound(report)).toEqual({
      ...report,
      policies: [
        {
          type: 'sts',
          domain: 'a.example',
          successful: 5_326,
          failed: 303,
          failures: [
            { resultType: 'certificate-expired', sessions: 108 },
            { resultType: 'validation-failure', sessions: 200 },
          ],
        },
      ],
    });
  });
});
