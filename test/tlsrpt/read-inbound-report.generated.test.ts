import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remarkMeanings } from '#tlsrpt/inbound-remark.ts';
import type { InboundPolicy } from '#tlsrpt/inbound-report.ts';
import { formatReport } from '#tlsrpt/report-json.ts';
import { reportedPolicies } from '#tlsrpt/reported-policies.ts';
import { readInboundReports } from '#tlsrpt/read-inbound-report.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { policyTally } from '#test/support/generated-tallies.ts';
import { bytesOf, only, policyIn, reportsIn, soundDocument } from '#test/support/inbound-documents.ts';

describe('reading a report of others, whatever is in it', () => {
  it('never throws, and gives the counts that are there, whatever members are dropped, doubled or of other types', () => {
    fc.assert(
      fc.property(mutatedDocument, (document) => {
        const reading = readInboundReports(bytesOf(document));
        if (reading.kind === 'unreadable') {
          expect(['no-policies', 'not-a-report']).toContain(reading.code);
          return;
        }
        for (const { policies, remarks } of reading.reports) {
          expect(remarks.every(({ code, count }) => code in remarkMeanings && count > 0)).toBe(true);
          for (const { successful, failed, failures } of policies) {
            expect([0, 5_326]).toContain(successful);
            expect([0, 303]).toContain(failed);
            expect(failures.every(({ sessions }) => [0, 103, 200].includes(sessions))).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never gives other counts for a document that is cut short, or followed by anything', () => {
    const whole = bytesOf(soundDocument());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 20 }), (length, junk) => {
        const reading = readInboundReports(whole.subarray(0, length));
        expect(reading.kind).toBe('unreadable');
        expect(policyIn(Buffer.concat([whole, Buffer.from('\n'), junk])).failed).toBe(303);
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(bytesOf)), (bytes) => {
        expect(() => readInboundReports(bytes)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('reads what our own reports say, without a remark but of failures that the MTA told no details of', () => {
    fc.assert(
      fc.property(fc.array(policyTally, { minLength: 1, maxLength: 4 }), (tallies) => {
        const policies = reportedPolicies('a.example', tallies);
        const submitter = { organizationName: 'Ours', contactInfo: 'tls@ours.example' };
        const report = {
          submitter,
          day: '2026-01-31' as UtcDay,
          reportId: 'id@ours.example',
          policyDomain: 'a.example',
          policies,
        };
        const read = only(reportsIn(formatReport(report)));
        expect(read.policies).toEqual(policies.map(asInbound));
        const odd = read.remarks.map(({ code }) => code).filter((code) => !OF_THE_MTA.includes(code));
        expect(odd).toEqual([]);
      }),
    );
  });
});

/** The generated tallies have them. */
const OF_THE_MTA = ['failures-without-details', 'unknown-policy-type', 'unknown-result-type'];

function asInbound({
  policy,
  successful,
  failed,
  failures,
}: ReturnType<typeof reportedPolicies>[number]): InboundPolicy {
  return {
    ...policy,
    successful,
    failed,
    failures: failures.map(({ sessions, details: { failureReasonCode, ...details } }) => ({
      ...details,
      reasonCode: failureReasonCode,
      sessions,
    })),
  };
}

const otherValue = fc.constantFrom<unknown>(null, '', 'text', true, [], {}, [null], [[]], { a: [] }, -1, 1.5, 1e300);

/** A sound document in which some members are missing, or hold something else. */
const mutatedDocument = fc
  .array(fc.tuple(fc.nat(), fc.option(otherValue, { nil: undefined })), { minLength: 1, maxLength: 6 })
  .map((changes) => changes.reduce((document, [at, value]) => changed(document, at, value), soundDocument()));

function changed(document: Record<string, unknown>, at: number, value: unknown): Record<string, unknown> {
  const places = placesIn(document);
  const place = places[at % places.length];
  if (place) {
    const [holder, name] = place;
    if (value === undefined) Reflect.deleteProperty(holder, name);
    else Reflect.set(holder, name, structuredClone(value));
  }
  return document;
}

function placesIn(value: unknown): (readonly [holder: object, name: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [[value, name] as const, ...placesIn(member)]);
}
