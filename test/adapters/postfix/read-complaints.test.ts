import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaintsInFile, complaintsInJournal } from '#adapters/postfix/read-complaints.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const NOW_MS = new Date(2026, 0, 2, 12).getTime();
const said = (stamp: string, what = 'warning: Could not report TLS'): string =>
  `${stamp} mx postfix/smtp[77]: ${what} ${stamp}`;

function complaintsOf(lines: readonly string[]): string[] {
  const path = join(scratchDirectory(), 'mail.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return [...(complaintsInFile(path, NOW_MS)?.complaints ?? [])];
}

describe('complaintsInFile', () => {
  it('reads those of the last day, in both forms of rsyslog', () => {
    const [today, yesterday] = [new Date(NOW_MS - 1_000).toISOString(), 'Jan  1 13:00:00'];
    expect(
      complaintsOf([
        said('Dec 31 23:00:00'),
        said(new Date(NOW_MS - 90_000_000).toISOString()),
        said(yesterday),
        said(today, 'status=sent'),
        said(today),
        'Could not report, some time',
      ]),
    ).toEqual([said(yesterday), said(today)]);
  });

  it('reads the end of a large file alone', () => {
    const today = new Date(NOW_MS).toISOString();
    expect(complaintsOf([said(today), 'x'.repeat(5_000_000), said(today)])).toHaveLength(1);
    expect(complaintsOf(Array.from({ length: 1_200 }, () => said(today)))).toHaveLength(1_000);
  });

  it('finds none where there is no file', () => {
    const directory = scratchDirectory();
    expect([join(directory, 'mail.log'), directory, '/dev/null'].map((path) => complaintsInFile(path, NOW_MS))).toEqual(
      [undefined, undefined, undefined],
    );
  });
});

describe('complaintsInJournal', () => {
  it('are the lines that journalctl finds, or none', () => {
    const host = new PostfixHost();
    expect(complaintsInJournal()).toEqual({ complaints: [], unread: undefined });
    host.set('journal', ['warning: Could not report TLS', '-- Boot --']);
    expect(complaintsInJournal()).toEqual({ complaints: ['warning: Could not report TLS'], unread: undefined });
  });

  it('are not all where journalctl may not read, or has nothing that was kept', () => {
    const host = new PostfixHost();
    const unreadWith = (complaint: string): unknown => {
      host.set('journal-complaint', [complaint]);
      return complaintsInJournal().unread;
    };
    const why = 'No journal files were opened due to insufficient permissions.';
    expect(unreadWith(why)).toEqual({ why, isElsewhere: false });
    const notKept = 'No journal files were found.';
    expect(unreadWith(notKept)).toEqual({ why: notKept, isElsewhere: true });
    expect(unreadWith('Journal file /var/log/journal/1/system@2.journal is truncated, ignoring file.')).toBeUndefined();
  });
});
