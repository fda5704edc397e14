import { describe, expect, it } from 'vitest';
import { reportedDetails } from '#tlsrpt/reported-details.ts';
import { UNKNOWN_DETAILS } from '#test/support/generated-tallies.ts';

describe('reportedDetails', () => {
  it.each([
    ['validation-failure', 'unspecified'], // R45
    ['certificate-not-trusted', 'unspecified'], // R44
    ['certificate-expired', undefined],
    ['starttls-not-supported', undefined],
  ] as const)('gives %s the reason %s when the MTA gave none', (resultType, reason) => {
    expect(reportedDetails({ ...UNKNOWN_DETAILS, resultType }).failureReasonCode).toBe(reason);
  });

  it('keeps the reason that the MTA gave', () => {
    expect(reportedDetails({ ...UNKNOWN_DETAILS, failureReasonCode: 'dane-no-match' }).failureReasonCode).toBe(
      'dane-no-match',
    );
  });

  it.each([
    'https://reports.company-x.example/info?id=5065427c&x=1#frag',
    'urn:example:a123,z456',
    'https://x.example/%20',
  ])('keeps a URI as additional information: %s', (additionalInformation) => {
    expect(reportedDetails({ ...UNKNOWN_DETAILS, additionalInformation })).toMatchObject({ additionalInformation });
  });

  it.each([
    'This is additional information',
    'https://x.example/a b', // a blank, as in the RFC's own example
    'x.example/info', // no scheme
    'https:',
    'https://x.example/%zz',
    'https://bücher.example/',
  ])('keeps what is no URI in the reason, behind the one that there may be: %s', (additionalInformation) => {
    const details = { ...UNKNOWN_DETAILS, additionalInformation };
    expect(reportedDetails(details)).toEqual({ ...UNKNOWN_DETAILS, failureReasonCode: additionalInformation });
    expect(reportedDetails({ ...details, failureReasonCode: '999' })).toEqual({
      ...UNKNOWN_DETAILS,
      failureReasonCode: `999; ${additionalInformation}`,
    });
  });

  it('says once what is both reason and additional information', () => {
    const details = { ...UNKNOWN_DETAILS, failureReasonCode: 'too old', additionalInformation: 'too old' };
    expect(reportedDetails(details)).toEqual({ ...UNKNOWN_DETAILS, failureReasonCode: 'too old' });
  });

  it('keeps reason and URI apart', () => {
    const details = { ...UNKNOWN_DETAILS, failureReasonCode: '999', additionalInformation: 'https://x.example/999' };
    expect(reportedDetails(details)).toEqual(details);
  });
});
