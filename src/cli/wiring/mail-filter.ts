/**
 * `read --filter`: one mail from standard input to standard output, for the mail filter of a mail server.
 *
 * Whatever happens, the mail is passed on whole; when not even that can be done, the mail server is to try again.
 */
import { dkimKeyRecords } from '#adapters/dns/dkim-key-records.ts';
import { byteMailEditor } from '#adapters/mail/editing/byte-mail-editor.ts';
import { ThreadMailOpener } from '#adapters/mail/thread-mail-opener.ts';
import { filterFailed, mailNotPassed, reportUnreadable } from '#events/read-events.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { FilterFailure, MailFilter } from '#pipeline/read/filter-mail.ts';
import { filterStream } from '#pipeline/read/filter-stream.ts';
import type { KeyRecords } from '#pipeline/read/key-records.ts';
import { readMail } from '#pipeline/read/read-mail.ts';
import type { SentReport } from '#pipeline/read/read-mail.ts';
import { messageOf } from '#support/problem.ts';
import { startThread } from '#support/thread.ts';
import { bytesFrom, writeWhole } from '#support/descriptor-bytes.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';
import type { Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { filterSummary } from '#cli/output/filter-summary.ts';
import { Explanations } from '#cli/output/inbound-explanation.ts';

const [STANDARD_INPUT, STANDARD_OUTPUT] = [0, 1];
/** For a mail; Dovecot gives a filter ten seconds, others more. */
const DEADLINE_MS = 5_000;
/** Of the thread that takes mails apart: several filters may run at once. */
const LITTLE_MEMORY = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
const KEY_PATIENCE = { attemptMs: 1_000, lookUpMs: 2_000, totalMs: 3_000 };

export type FilterInvocation = Pick<Invocation, 'given' | 'log' | 'clock'>;

/** `servers` are the name servers to ask. */
export async function filterStandardInput(invocation: FilterInvocation, servers: readonly string[]): Promise<ExitCode> {
  process.exitCode = exitCode.tryAgainLater; // however it ends before the mail is whole
  const opener = new ThreadMailOpener(() => startThread('mail', {}, LITTLE_MEMORY), DEADLINE_MS);
  try {
    const filter = mailFilter(invocation, servers, opener);
    await filterStream(bytesFrom(STANDARD_INPUT), (bytes) => writeWhole(STANDARD_OUTPUT, bytes), filter);
    return exitCode.done;
  } catch (error) {
    invocation.log(mailNotPassed(messageOf(error)));
    return exitCode.tryAgainLater;
  } finally {
    void opener.close();
  }
}

function mailFilter(
  { given, log, clock }: FilterInvocation,
  servers: readonly string[],
  opener: ThreadMailOpener,
): MailFilter {
  const requiresSender = given.has('require-dkim');
  const verifying = {
    keys: requiresSender ? dkimKeyRecords(servers, KEY_PATIENCE) : NOBODY_IS_ASKED,
    authservId: given.text('authserv-id')?.toLowerCase(),
    nowMs: () => clock.nowMs(),
  };
  return {
    editor: byteMailEditor,
    read: (mail) => readMail(mail, opener, verifying),
    textOf: (reports) =>
      textOf(reports, given.has('explain') ? new Explanations(new ShellCommands(servers)) : undefined),
    expectsReport: given.has('expect-report'),
    requiresSender,
    deadlineMs: DEADLINE_MS,
    told: (failure) => {
      log(eventOf(failure));
    },
  };
}

/** Mail is not held up for what nobody wants to know. */
const NOBODY_IS_ASKED: KeyRecords = {
  lookUp: () => Promise.resolve({ kind: 'unanswered', why: 'nobody is asked' }),
};

function textOf(reports: readonly SentReport[], explanations: Explanations | undefined): string {
  for (const { report } of reports) explanations?.add(report);
  return `${filterSummary(reports)}\n${explanations?.text() ?? ''}`.trimEnd();
}

function eventOf(failure: FilterFailure): ReturnType<typeof filterFailed> {
  if (failure.kind === 'failed') return filterFailed(failure.error);
  return reportUnreadable('-', failure.code, unreadableMeanings[failure.code]);
}
