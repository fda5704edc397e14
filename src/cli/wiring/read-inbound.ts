/**
 * Reads all that was named, one after the other, and each mailbox on a server by itself.
 */
import { inboundFiles } from '#adapters/directory/inbound-files.ts';
import { dkimKeyRecords } from '#adapters/dns/dkim-key-records.ts';
import { ThreadMailOpener } from '#adapters/mail/thread-mail-opener.ts';
import { readMailbox } from '#pipeline/read/read-mailbox.ts';
import type { MailboxReading } from '#pipeline/read/read-mailbox.ts';
import { readSource } from '#pipeline/read/read-source.ts';
import type { SourceReader, Take } from '#pipeline/read/read-source.ts';
import type { InboundWord } from '#cli/arguments/inbound-words.ts';
import type { Invocation } from '#cli/command.ts';
import type { MailboxOf } from './mailboxes.ts';

export interface ReadingInbound extends Omit<MailboxReading, 'reader'> {
  readonly words: readonly InboundWord[];
  /** Undefined where none is among the words. */
  readonly mailboxOf: MailboxOf | undefined;
}

export async function readInbound(
  invocation: Invocation,
  { words, mailboxOf, ...mailboxReading }: ReadingInbound,
  take: Take,
): Promise<void> {
  const opener = new ThreadMailOpener();
  const reader = sourceReader(invocation, opener);
  try {
    for (const word of words)
      if (word.kind === 'path') await readFiles(word.path, reader, take);
      else if (mailboxOf) await readMailbox(mailboxOf(word.location), { ...mailboxReading, reader }, take);
  } finally {
    await opener.close();
  }
}

async function readFiles(path: string, reader: SourceReader, take: Take): Promise<void> {
  for await (const source of inboundFiles([path], process.stdin)) await readSource(source, reader, take);
}

function sourceReader({ settings, given, clock }: Invocation, opener: ThreadMailOpener): SourceReader {
  return {
    opener,
    verifying: {
      keys: dkimKeyRecords(settings.dnsServers),
      authservId: given.text('authserv-id')?.toLowerCase(),
      nowMs: () => clock.nowMs(),
    },
    requiresSender: given.has('require-dkim'),
  };
}
