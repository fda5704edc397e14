/**
 * Reads one source: finds out what it is, and hands over the reports in it, one after the other.
 *
 * What is unreadable is said, with its reason, and ends nothing. Memory is bounded whatever the source holds: an mbox, which may be of any
 * size, is read mail by mail. Nothing here is a generator that yields reports: V8 keeps what one has yielded until it goes on, and a large
 * report would be held while the next is read.
 */
import { errnoOf, messageOf } from '#support/problem.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';
import type { DocumentReading, UnreadableCode } from '#tlsrpt/inbound-report.ts';
import { domainInFileName } from '#tlsrpt/report-file-name.ts';
import { unverifiedFile } from '#tlsrpt/verification.ts';
import type { InboundReading } from './inbound-reading.ts';
import type { InboundSource } from './inbound-source.ts';
import type { MailOpener } from './mail-opener.ts';
import { readDocument } from './read-document.ts';
import { claimsInHeader, readMail, withOriginals } from './read-mail.ts';
import type { MailReading, SentReport } from './read-mail.ts';
import { beginningOfMail, recognizeContent } from './recognize-content.ts';
import { splitMbox } from './split-mbox.ts';
import type { SenderVerifying } from './verify-sender.ts';

/** A mail of 10 MB or so is what receivers take. */
const MAX_BYTES = 10_485_760;
/** Said of what is plainly something else, and then nobody has to know it of a file that happened to be there. */
const SOMETHING_ELSE: readonly UnreadableCode[] = ['archive', 'empty', 'not-a-report', 'not-json', 'not-recognized'];

export interface SourceReader {
  readonly opener: MailOpener;
  readonly verifying: SenderVerifying;
  /** Whether a report counts as unreadable when it is not shown who sent it. */
  readonly requiresSender: boolean;
}

/** Resolves when the reading is done with. */
export type Take = (reading: InboundReading) => Promise<void>;

export async function readSource(source: InboundSource, reader: SourceReader, take: Take): Promise<void> {
  const chunks = unwrapped(source)[Symbol.asyncIterator]();
  try {
    const first = await beginningOf(chunks);
    if (recognizeContent(first) === 'mbox')
      await readMbox(source, from(first.subarray(beginningOfMail(first)), chunks), reader, take);
    else if ((source.sizeBytes ?? 0) > MAX_BYTES) await take(tooLarge(source, first));
    else await readWhole(source, (await wholeOf(from(first, chunks))) ?? { beginning: first }, reader, take);
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error;
    const isMissing = errnoOf(error.cause) === 'ENOENT';
    await take(
      isMissing
        ? unreadable(source.name, 'no-such-file')
        : { ...unreadable(source.name, 'not-readable', messageOf(error.cause)), mayPass: true },
    );
  } finally {
    await chunks.return(undefined);
  }
}

/** What the system has against a source; errors of whoever takes the readings are not about it. */
class SourceFailure extends Error {}

async function* unwrapped(source: InboundSource): AsyncGenerator<Uint8Array> {
  try {
    yield* source.bytes();
  } catch (error) {
    throw errnoOf(error) === undefined ? error : new SourceFailure(source.name, { cause: error });
  }
}

async function readMbox(
  { name }: InboundSource,
  content: AsyncIterable<Uint8Array>,
  reader: SourceReader,
  take: Take,
): Promise<void> {
  let number = 0;
  for await (const mail of splitMbox(content, MAX_BYTES)) {
    number += 1;
    const origin = { name: `${name}#${String(number)}`, isNamed: false };
    if (Buffer.isBuffer(mail)) await readOneMail(origin, mail, reader, take);
    else if (claimsInHeader(mail.beginning)) await take(unreadable(origin.name, 'too-large'));
    else await take({ kind: 'passed-over', source: origin.name });
  }
}

async function readOneMail(origin: Origin, mail: Buffer, reader: SourceReader, take: Take): Promise<void> {
  await handOver(origin, await readMail(mail, reader.opener, reader.verifying), reader, take);
}

async function readWhole(
  source: InboundSource,
  bytes: Buffer | { readonly beginning: Buffer },
  reader: SourceReader,
  take: Take,
): Promise<void> {
  if (!Buffer.isBuffer(bytes)) await take(tooLarge(source, bytes.beginning));
  else if (recognizeContent(bytes) === 'mail') await readOneMail(source, bytes, reader, take);
  else await handOver(source, documentReading(source, bytes), reader, take);
}

/** Hardly any mail of that size is a report, and most mailboxes have some. */
function tooLarge({ name, isNamed }: Origin, beginning: Buffer): InboundReading {
  const isOther = recognizeContent(beginning) === 'mail' && !claimsInHeader(beginning);
  return isOther && !isNamed ? { kind: 'passed-over', source: name } : unreadable(name, 'too-large');
}

type Origin = Pick<InboundSource, 'name' | 'isNamed'>;

function documentReading(origin: Origin, bytes: Buffer): MailReading {
  const policyDomain = domainInFileName(origin.name);
  const reading = readDocument(bytes, { policyDomain });
  const isMeant = origin.isNamed || policyDomain !== undefined;
  const isSomethingElse = reading.kind === 'unreadable' && SOMETHING_ELSE.includes(reading.code);
  return isSomethingElse && !isMeant ? { kind: 'no-report' } : fromFile(reading);
}

function fromFile(reading: DocumentReading): MailReading {
  if (reading.kind !== 'reports') return reading;
  const reports = withOriginals(reading).map((read) => ({ ...read, verification: unverifiedFile }));
  return { ...reading, reports, unreadable: [] };
}

async function handOver(origin: Origin, reading: MailReading, reader: SourceReader, take: Take): Promise<void> {
  const { name: source, isNamed } = origin;
  if (reading.kind === 'reports') {
    for (const report of reading.reports) await take(sentReading(source, report, reader));
    for (const code of reading.unreadable) await take(unreadable(source, code));
  } else if (reading.kind === 'bounce') await take({ source, ...reading });
  else if (reading.kind === 'unreadable') await take(unreadable(source, reading.code));
  else await take(isNamed ? unreadable(source, 'no-report') : { kind: 'passed-over', source });
}

function sentReading(source: string, sent: SentReport, { requiresSender }: SourceReader): InboundReading {
  const { result, why } = sent.verification;
  if (!requiresSender || result === 'pass') return { kind: 'report', source, ...sent };
  const refused = unreadable(source, 'sender-unverified', `${unreadableMeanings['sender-unverified']}: ${why}`);
  return result === 'temperror' ? { ...refused, mayPass: true } : refused;
}

const BEGINNING_BYTES = 4_096;

/** As much as there is of what tells one thing from another. */
async function beginningOf(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let beginning: Buffer = Buffer.alloc(0);
  while (beginning.length < BEGINNING_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    beginning = Buffer.concat([beginning, next.value]);
  }
  return beginning;
}

async function* from(first: Buffer, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

/** Undefined for more than there is room for. */
async function wholeOf(content: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type Unreadable = Extract<InboundReading, { kind: 'unreadable' }>;

function unreadable(source: string, code: UnreadableCode, why: string = unreadableMeanings[code]): Unreadable {
  return { kind: 'unreadable', source, code, why };
}
