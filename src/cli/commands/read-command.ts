/**
 * `tlsrpt read [SOURCE...]`: the reports that others send about us, whatever they come in.
 *
 * What cannot be read, a mailbox whose server is lost as well, is named with its reason and ends nothing but the exit code. With `--store` all that is
 * read is kept; a day that cannot be stored ends nothing either, and decides the exit code before all else, as whoever gave the report has to give it
 * again. Then comes whatever the next run may do, and then what cannot be read, since anybody can send that. With `--filter` it is a mail filter.
 */
import { settings } from '#config/settings.ts';
import { problemEvent } from '#events/event.ts';
import type { Log } from '#events/event.ts';
import { mailsUnmarked, reportStillUnreadable, reportUnreadable } from '#events/read-events.ts';
import type { MailboxFailure } from '#pipeline/read/inbound-mailbox.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { startThriftily } from '#support/thrift.ts';
import { hasFailures } from '#tlsrpt/inbound-report.ts';
import type { UnreadableCode } from '#tlsrpt/inbound-report.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { inboundWords, mailboxSettings } from '#cli/arguments/inbound-words.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { readInbound } from '#cli/wiring/read-inbound.ts';
import { openKeptReadings } from '#cli/wiring/kept-readings.ts';
import { mailboxesOf } from '#cli/wiring/mailboxes.ts';
import { readingPrinter } from '#cli/output/inbound-printer.ts';
import { filterStandardInput } from '#cli/wiring/mail-filter.ts';
import { notifyFlags } from '#cli/wiring/notify-flags.ts';

const flagsOfSettings = ['keepInboundDays' as const, ...mailboxSettings].map((name) => settings[name].flag);

export const readCommand: Command = {
  name: 'read',
  summary: 'Read the reports that others send about us, and show what failed',
  usages: ['[SOURCE...]'],
  mostWords: Infinity,
  examples: [
    ['read report.json.gz', 'say in a line that all is well, or show what failed, where and why'],
    ['read --explain report.eml', 'say as well what it means, what to check, and how to see it'],
    ['read --json ~/Maildir', 'print all reports in a mailbox: a Maildir, an mbox, or a directory of files'],
    ['read --require-dkim ~/Maildir', 'refuse what is not signed by the domain that it says it is from'],
    ['read --store ~/Maildir', 'keep as well each report that is not kept yet, and note which of ours bounced'],
    [
      'read --store --notify ~/Maildir',
      'tell as well by mail, webhook or command when a failure is new, has grown, or is gone',
    ],
    [
      'read --store --move Archive imaps://tls-reports@imap.example.com/INBOX',
      'read the mails of a mailbox on a server, and move those away that are done with',
    ],
    ['read --fail < report.json', 'end with 1 when there are failures'],
    ['read --filter', 'pass a mail on in a mail filter, with what its report says in its text'],
  ],
  flags: [
    jsonFlag,
    { name: 'csv', help: 'Print CSV, a row for each failure.' },
    { name: 'explain', help: 'Say what each failure means, what to check, and how to see it.' },
    { name: 'lint', help: 'Show as well what is odd about each report.' },
    {
      name: 'authserv-id',
      argument: 'ID',
      help: 'Believe Authentication-Results of this mail server about who sent a mail, instead of its DKIM signature.',
    },
    { name: 'require-dkim', help: 'Refuse each report of which it is not shown who sent it.' },
    {
      name: 'store',
      help: 'Keep each report in the state directory, once whatever way it comes, for tlsrpt inbound; note which of our own reports bounced, for tlsrpt status.',
    },
    {
      name: 'notify',
      help: 'Tell, as [notify] wants it, which failures are new, have grown, or are gone; see tlsrpt notify.',
    },
    {
      name: 'seen',
      help: 'Mark mails on an IMAP server as seen that are done with: reports and bounces, once they are stored with --store, and what can never be read, once it was named.',
    },
    { name: 'move', argument: 'FOLDER', help: 'Move them to this folder of the same server.' },
    { name: 'fail', help: 'End with 1 when a report has failures.' },
    {
      name: 'filter',
      help: 'Pass one mail from standard input to standard output, for maildrop, procmail, Sieve or Postfix: what a report says is added to its text, failures to its header (TLS-Report-Has-Failures).',
    },
    { name: 'expect-report', help: 'Mark a mail without a report, too.' },
  ],
  settings: ['keepInboundDays', ...mailboxSettings, ...notifyFlags],
  pairings: [
    { flags: ['csv', 'explain', 'lint'], notWith: 'json' },
    { flags: ['explain', 'lint'], notWith: 'csv' },
    {
      flags: ['json', 'csv', 'lint', 'fail', 'store', 'notify', 'seen', 'move', ...flagsOfSettings],
      notWith: 'filter',
    },
    { flags: ['notify'], onlyWith: 'store' },
    { flags: notifyFlags.map((name) => settings[name].flag), onlyWith: 'notify' },
    { flags: ['notify-webhook'], notWith: 'notify-webhook-file' },
    { flags: ['expect-report'], onlyWith: 'filter' },
  ],
  run: async (invocation) => {
    startThriftily();
    if (invocation.given.has('filter')) return filter(invocation, invocation.settings.dnsServers);
    const words = inboundWords(invocation);
    const mailboxOf = await mailboxesOf(words, invocation);
    const printer = readingPrinter(invocation);
    const kept = invocation.given.has('store') ? await openKeptReadings(invocation) : undefined;
    const outcome: Outcome = { unreadable: new Set(), hasFailures: false };
    const inbound = {
      words,
      mailboxOf,
      secure: () => kept?.secure() ?? Promise.resolve(new Set<string>()),
      unmarked: ({ code, why }: MailboxFailure, mails: number) => {
        invocation.log(mailsUnmarked(mails, why));
        outcome.unreadable.add(code);
      },
    };
    await readInbound(invocation, inbound, async (reading) => {
      await printer.show(reading);
      note(reading, outcome, invocation.log);
      await kept?.add(reading);
    });
    printer.end(await kept?.finish());
    const code = exitCodeFor(outcome, invocation.given.has('fail'));
    return kept ? kept.endingOf(code) : code;
  },
  runWithoutSettings: async (problem, invocation) => {
    if (!invocation.given.has('filter')) throw problem;
    invocation.log(problemEvent(problem));
    return filter(invocation, []);
  },
};

function filter(invocation: Omit<Invocation, 'settings'>, servers: readonly string[]): Promise<ExitCode> {
  const [word] = invocation.positionals.filter((each) => each !== '-');
  if (word !== undefined) throw usageError(`--filter takes one mail from standard input, and no "${word}"`);
  return filterStandardInput(invocation, servers);
}

interface Outcome {
  readonly unreadable: Set<UnreadableCode>;
  hasFailures: boolean;
}

function note(reading: InboundReading, outcome: Outcome, log: Log): void {
  if (reading.kind === 'unreadable') {
    const { source, code, why, isKnown = false } = reading;
    log((isKnown ? reportStillUnreadable : reportUnreadable)(source, code, why));
    if (!isKnown) outcome.unreadable.add(code);
  }
  if (reading.kind === 'report' && hasFailures(reading.report)) outcome.hasFailures = true;
}

/** What cannot be read may have had failures, or none: that comes first, and before it what the next run may read. */
function exitCodeFor({ unreadable, hasFailures: failed }: Outcome, failing: boolean): ExitCode {
  if (unreadable.has('mailbox-unavailable')) return exitCode.tryAgainLater;
  if (unreadable.size > 0) return exitCode.badInput;
  return failed && failing ? exitCode.failuresReported : exitCode.done;
}
