import { describe, expect, it } from 'vitest';
import { reportMailHeaders, reportMailSubject } from '#tlsrpt/report-mail.ts';

const REPORT = {
  reportId: '2026-11-19.good.example.0123456789ab@sender.example',
  policyDomain: 'good.example',
  submitterDomain: 'sender.example',
};

describe('the mail of a report', () => {
  it('has the subject of RFC 8460 5.3', () => {
    expect(reportMailSubject(REPORT)).toBe(
      'Report Domain: good.example Submitter: sender.example Report-ID: <2026-11-19.good.example.0123456789ab@sender.example>',
    );
  });

  it('names the domains, and asks relays to deliver it even without TLS', () => {
    expect(reportMailHeaders(REPORT)).toEqual([
      ['TLS-Report-Domain', 'good.example'],
      ['TLS-Report-Submitter', 'sender.example'],
      ['TLS-Required', 'No'],
      ['Auto-Submitted', 'auto-generated'],
    ]);
  });
});
