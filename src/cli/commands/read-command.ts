/**
 * `tlsrpt read [SOURCE...]`: the reports that others send about us, whatever they come in.
 *
 * What cannot be read is named with its reason and ends nothing but the exit code. With `--store` all that is read is kept; a day that cannot be
 * stored ends nothing either, and decides the exit code before all else, as whoever gave the report has to give it again. With `--filter` it is a
 * mail filter.
 */
import { inboundFiles } from '#adapters/directory/inbound-files.ts';
import { dkimKeyRecords } from '#adapters/dns/dkim-key-records.ts';
import { ThreadMailOpener } from '#adapters/mail/thread-mail-opener.ts';
import { problemEvent } from '#events/event.ts';
import { reportUnreadable } from '#events/read-events.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { readSource } from '#pipeline/read/read-source.ts';
import { hasFailures } from '#tlsrpt/inbound-report.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { openKeptReadings } from '#cli/wiring/kept-readings.ts';
import { readingPrinter } from '#cli/output/inbound-printer.ts';
import { filterStandardInput } from '#cli/wiring/mail-filter.ts';

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
    { name: 'fail', help: 'End with 1 when a report has failures.' },
    {
      name: 'filter',
      help: 'Pass one mail from standard input to standard output, for maildrop, procmail, Sieve or Postfix: what a report says is added to its text, failures to its header (TLS-Report-Has-Failures).',
    },
    { name: 'expect-report', help: 'Mark a mail without a report, too.' },
  ],
  settings: ['keepInboundDays'],
  pairings: [
    { flags: ['csv', 'explain', 'lint'], notWith: 'json' },
    { flags: ['explain', 'lint'], notWith: 'csv' },
    { flags: ['json', 'csv', 'lint', 'fail', 'store', 'keep-inbound-days'], notWith: 'filter' },
    { flags: ['expect-report'], onlyWith: 'filter' },
  ],
  run: async (invocation) => {
    if (invocation.given.has('filter')) return filter(invocation, invocation.settings.dnsServers);
    const printer = readingPrinter(invocation);
    const kept = invocation.given.has('store') ? await openKeptReadings(invocation) : undefined;
    const seen = { unreadable: false, failures: false };
    for await (const reading of readingsOf(invocation)) {
      await printer.show(reading);
      if (reading.kind === 'unreadable') {
        invocation.log(reportUnreadable(reading.source, reading.code, reading.why));
        seen.unreadable = true;
      }
      if (reading.kind === 'report' && hasFailures(reading.report)) seen.failures = true;
      await kept?.add(reading);
    }
    printer.end(await kept?.finish());
    return kept?.exitCode ?? exitCodeFor(seen, invocation.given.has('fail'));
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

async function* readingsOf({ positionals, given, settings, clock }: Invocation): AsyncGenerator<InboundReading> {
  const words = positionals.length > 0 ? positionals : ['-'];
  const opener = new ThreadMailOpener();
  try {
    const reader = {
      opener,
      verifying: {
        keys: dkimKeyRecords(settings.dnsServers),
        authservId: given.text('authserv-id')?.toLowerCase(),
        nowMs: () => clock.nowMs(),
      },
      requiresSender: given.has('require-dkim'),
    };
    for await (const source of inboundFiles(words, process.stdin)) yield* readSource(source, reader);
  } finally {
    await opener.close();
  }
}

/** What cannot be read may have had failures, or none: that comes first. */
function exitCodeFor(seen: { readonly unreadable: boolean; readonly failures: boolean }, failing: boolean): ExitCode {
  if (seen.unreadable) return exitCode.badInput;
  return seen.failures && failing ? exitCode.failuresReported : exitCode.done;
}
