/**
 * Reads the mails of a mailbox on a server, and has those marked of which all was read, once that is safe.
 *
 * Where the server is lost, what was read until then counts. A run that is killed has marked nothing that was not safe, so the next one finds
 * again whatever it has to.
 */
import type { InboundMailbox, MailboxFailure, MailboxMail } from './inbound-mailbox.ts';
import { readSource } from './read-source.ts';
import type { SourceReader, Take } from './read-source.ts';

export interface MailboxReading {
  readonly reader: SourceReader;
  /** Makes safe what was given until then; resolves to the names of sources of which something is not. */
  readonly secure: () => Promise<ReadonlySet<string>>;
  /** Hears of mails that are read and could not be marked. */
  readonly unmarked: (failure: MailboxFailure, mails: number) => void;
}

/** Each time, what was read has to be stored. */
const MOST_UNMARKED = 1_000;

export async function readMailbox(mailbox: InboundMailbox, reading: MailboxReading, take: Take): Promise<void> {
  const marking = new Marking(mailbox, reading);
  try {
    for await (const mail of mailbox.mails()) {
      if (mail.kind === 'failed') {
        await take({ kind: 'unreadable', source: mailbox.name, code: mail.code, why: mail.why });
        return;
      }
      if (await readMail(mail, reading.reader, take)) await marking.add(mail);
    }
    await marking.finish();
  } finally {
    await mailbox.close();
  }
}

/** After a failure no further mail is marked, and the others are read all the same. */
class Marking {
  readonly #mailbox: InboundMailbox;
  readonly #reading: MailboxReading;
  #isPossible: boolean;
  #mails: MailboxMail[] = [];

  constructor(mailbox: InboundMailbox, reading: MailboxReading) {
    this.#mailbox = mailbox;
    this.#reading = reading;
    this.#isPossible = mailbox.changesMails;
  }

  async add(mail: MailboxMail): Promise<void> {
    if (!this.#isPossible) return;
    this.#mails.push(mail);
    if (this.#mails.length >= MOST_UNMARKED) await this.finish();
  }

  async finish(): Promise<void> {
    const mails = this.#mails;
    this.#mails = [];
    if (mails.length === 0) return;
    const { secure, unmarked } = this.#reading;
    const unsafe = await secure();
    const safe = mails.filter(({ name }) => !unsafe.has(name));
    const failure = safe.length === 0 ? undefined : await this.#mailbox.mark(safe);
    if (!failure) return;
    this.#isPossible = false;
    unmarked(failure, safe.length);
  }
}

/** Returns whether it has reports, and nothing in it is unreadable. */
async function readMail(mail: MailboxMail, reader: SourceReader, take: Take): Promise<boolean> {
  let [reports, others] = [0, 0];
  await readSource(mail, reader, async (reading) => {
    if (reading.kind === 'report') reports += 1;
    else others += 1;
    await take(reading);
  });
  return reports > 0 && others === 0;
}
