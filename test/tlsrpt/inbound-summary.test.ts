import { describe, expect, it } from 'vitest';
import { summarizeInbound } from '#tlsrpt/inbound-summary.ts';
import { documentWith, only, reportsIn, soundDocument, soundEntry } from '#test/support/inbound-documents.ts';

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
      omittedPolicies: 0,
      omittedTypes: 0,
    });
  });

  it('has the first of policies and result types of which there are more than anybody means, and counts the others', () => {
    const details = (count: number): object[] =>
      Array.from({ length: count }, (_, index) => ({ 'result-type': `type-${String(index)}` }));
    const entry = { ...soundEntry(), 'failure-details': details(400) };
    const ofTypes = only(reportsIn({ ...soundDocument(), policies: [entry, entry, entry] }));
    const { policies, omittedTypes } = summarizeInbound(ofTypes);
    expect([policies.map(({ failures }) => failures.length), omittedTypes]).toEqual([[400, 400, 200], 200]);
    const many = Array.from({ length: 1_500 }, () => ({ ...soundEntry(), 'failure-details': [] }));
    const ofPolicies = summarizeInbound(only(reportsIn({ ...soundDocument(), policies: many })));
    expect([ofPolicies.policies.length, ofPolicies.omittedPolicies]).toEqual([1_000, 500]);
  });
});
