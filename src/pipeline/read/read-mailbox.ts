/**
 * Reads the mails of a mailbox on a server, and has those marked that are done with, some at a time, each once what was in it is safe.
 *
 * Done with is a mail in which there was something for us, a report, a bounce, or what should have been a report and can never be read, and nothing
 * that the next run may make more of. Others' mails stay as they are. Where the server is lost or takes too long, what was read until then counts. A
 * run that is killed has marked nothing that was not safe, so the next one finds again whatever it has to.
 */
import type { InboundMailbox, MailboxFailure, MailboxMail } from './inbound-mailbox.ts';
import type { InboundReading } from './inbound-reading.ts';
import { readSource } from './read-source.ts';
import type { SourceReader, Take } from './read-source.ts';

export interface MailboxReading {
  readonly reader: SourceReader;
  /** Makes safe what was given until then; resolves to the names of sources of which something is not, which are not done with. */
  readonly secure: () => Promise<ReadonlySet<string>>;
  /** Hears in the end of mails that are read and could not be marked. */
  readonly unmarked: (failure: MailboxFailure, mails: number) => void;
}

/** What a killed run may have read in vain. Each time, what was read has to be stored. */
const MOST_UNMARKED = 100;

export async function readMailbox(mailbox: InboundMailbox, reading: MailboxReading, take: Take): Promise<void> {
  const marking = new Marking(mailbox, reading);
  try {
    for await (const mail of mailbox.mails()) {
      if (mail.kind === 'failed') {
        await take({ kind: 'unreadable', source: mailbox.name, code: mail.code, why: mail.why });
        break;
      }
      const read = await readMail(mail, reading.reader, take);
      if (read.isDoneWith) await marking.add(read);
    }
    await marking.finish();
    marking.tell();
  } finally {
    await mailbox.close();
  }
}

/** After a failure no further mail is marked, and the others are read all the same, and counted. */
class Marking {
  readonly #mailbox: InboundMailbox;
  readonly #reading: MailboxReading;
  #mails: ReadMail[] = [];
  #failure: MailboxFailure | undefined;
  #unmarked = 0;

  constructor(mailbox: InboundMailbox, reading: MailboxReading) {
    this.#mailbox = mailbox;
    this.#reading = reading;
  }

  async add(mail: ReadMail): Promise<void> {
    if (!this.#mailbox.changesMails) return;
    if (this.#failure) {
      this.#unmarked += 1;
      return;
    }
    this.#mails.push(mail);
    if (this.#mails.length >= MOST_UNMARKED) await this.finish();
  }

  async finish(): Promise<void> {
    const mails = this.#mails;
    this.#mails = [];
    if (mails.length === 0) return;
    const unsafe = await this.#reading.secure();
    const safe = mails
      .filter(({ sources }) => [...sources].every((source) => !unsafe.has(source)))
      .map(({ mail }) => mail);
    if (safe.length > 0) this.#failure = await this.#mailbox.mark(safe);
    if (this.#failure) this.#unmarked = safe.length;
  }

  tell(): void {
    if (this.#failure) this.#reading.unmarked(this.#failure, this.#unmarked);
  }
}

interface ReadMail {
  readonly mail: MailboxMail;
  /** The names under which its content was handed on. */
  readonly sources: ReadonlySet<string>;
  readonly isDoneWith: boolean;
}

async function readMail(mail: MailboxMail, reader: SourceReader, take: Take): Promise<ReadMail> {
  const sources = new Set<string>();
  let [isForUs, mayPass] = [false, false];
  await readSource(mail, reader, async (reading) => {
    sources.add(reading.source);
    if (reading.kind !== 'passed-over') isForUs = true;
    if (reading.kind === 'unreadable' && reading.mayPass === true) mayPass = true;
    await take(namedBefore(reading, mail));
  });
  return { mail, sources, isDoneWith: isForUs && !mayPass };
}

/** What is marked as seen was named by then, or somebody has seen it. */
function namedBefore(reading: InboundReading, { isSeen }: MailboxMail): InboundReading {
  const isKnown = isSeen && reading.kind === 'unreadable' && reading.mayPass !== true;
  return isKnown ? { ...reading, isKnown } : reading;
}
