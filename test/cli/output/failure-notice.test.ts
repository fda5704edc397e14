import { describe, expect, it } from 'vitest';
import { failureNotice } from '#cli/output/failure-notice.ts';
import { noticeJson } from '#cli/output/notice-json.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { FailureExample } from '#pipeline/inbound/failure-examples.ts';
import type { FailureChange } from '#pipeline/inbound/judge-failure.ts';
import type { Notice } from '#store/notices.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-01-31' as UtcDay;
const level = {
  organization: 'Reporter Inc.',
  verifiedDomain: 'reporter.example',
  day: DAY,
  sessions: 30,
  total: 1_000,
};
const change: FailureChange = {
  change: 'new',
  policyDomain: 'a.example',
  policyType: 'sts',
  resultType: 'certificate-expired',
  isVerified: true,
  firstDay: DAY,
  lastDay: DAY,
  levels: [level],
};
const EVIL = `x\r\nBcc: evil@b.example\n$(id)\u202e\u0000${'y'.repeat(5_000)}`;

function noticeOf(changes: readonly [FailureChange, ...FailureChange[]], example?: FailureExample): Notice {
  const commands = new ShellCommands([]);
  return failureNotice(changes, { id: 'one', madeMs: 0, host: 'mx.a.example', commands, exampleOf: () => example });
}

describe('failureNotice', () => {
  it('says what it is, how many of how many sessions, who saw it, what it means and how to see it', () => {
    const failure = {
      resultType: 'certificate-expired',
      sessions: 30,
      sendingMtaIp: '192.0.2.1',
      receivingMxHostname: 'mx1.a.example',
      receivingMxHelo: undefined,
      receivingIp: undefined,
      reasonCode: undefined,
      additionalInformation: undefined,
    };
    const { subject, text } = noticeOf([change], { failure, hosts: ['mx1.a.example'], meanings: [] });
    expect(subject).toBe('TLS failure is new: certificate-expired (sts of a.example)');
    const lines = text.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'New: certificate-expired (sts of a.example)',
      '  It was reported about 2026-01-31.',
      '  30 of 1000 sessions on 2026-01-31: Reporter Inc. (reporter.example)',
      '  For example from "192.0.2.1", to "mx1.a.example"',
    ]);
    expect(lines).toContain('  The certificate of the server was past its last day.');
    expect(lines).toContain('  $ tlsrpt check a.example');
    expect(text).toContain('  $ openssl s_client -starttls smtp -connect mx1.a.example:25');
  });

  it('says before what has grown, and of what is gone when it was', () => {
    const { text, subject } = noticeOf([
      { ...change, change: 'grown', before: { ...level, sessions: 3 } },
      { ...change, change: 'gone', isVerified: false, policyDomain: 'b.example' },
    ]);
    expect(subject).toBe('TLS failures: 1 grown, 1 gone (a.example, b.example)');
    expect(text).toContain('\n  Before: 3 of 1000 sessions on 2026-01-31: Reporter Inc. (reporter.example)\n');
    expect(text).toContain('\n  It is not shown who sent that: anybody can write a report.\n');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'It was reported about 2026-01-31; later reports of the same senders have none.',
    );
  });

  it('lets no foreign word begin a line, reach a command, or be longer than what says something', () => {
    const texts = { sendingMtaIp: EVIL, receivingMxHelo: EVIL, receivingIp: EVIL, reasonCode: EVIL };
    const failure = { resultType: EVIL, sessions: 1, receivingMxHostname: EVIL, additionalInformation: EVIL, ...texts };
    const evil: FailureChange = {
      ...change,
      policyDomain: EVIL,
      policyType: EVIL,
      resultType: EVIL,
      levels: [{ ...level, organization: EVIL, verifiedDomain: undefined }],
    };
    const notice = noticeOf([evil], { failure, hosts: [EVIL], meanings: [] });
    expect(notice.subject).not.toMatch(/\p{Cc}|\u202e/u);
    const commands = notice.text.split('\n').filter((line) => line.startsWith('  $'));
    expect([commands, notice.text.split('\n').some((line) => line.startsWith('Bcc'))]).toEqual([[], false]);
    expect(notice.text.length).toBeLessThan(4_000);
    expect(noticeJson(notice)).not.toMatch(/(?!\n)\p{Cc}|\u202e|y{300}/u);
  });

  it('shows twenty and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, number) => ({ ...change, policyDomain: `d${String(number)}.example` }));
    const { text, subject, facts } = noticeOf([change, ...many]);
    expect(text.match(/^New: /gm)).toHaveLength(20);
    expect(text).toContain('\nAnd 11 more, which tlsrpt inbound lists.\n');
    expect([subject, facts['omitted']]).toEqual(['TLS failures: 31 new (a.example, d0.example, ...)', 11]);
  });
});
