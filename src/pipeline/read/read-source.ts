/**
 * Reads one source: finds out what it is, and gives the reports in it.
 *
 * What is unreadable is said, with its reason, and ends nothing. Memory is bounded whatever the source holds: an mbox, which may be of any
 * size, is read mail by mail.
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
import { readMail, withOriginals } from './read-mail.ts';
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

export async function* readSource(source: InboundSource, reader: SourceReader): AsyncGenerator<InboundReading> {
  const chunks = source.bytes()[Symbol.asyncIterator]();
  try {
    const first = await beginningOf(chunks);
    if (recognizeContent(first) === 'mbox')
      yield* readMbox(source, from(first.subarray(beginningOfMail(first)), chunks), reader);
    else yield* readWhole(source, await wholeOf(from(first, chunks)), reader);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    if (errno === 'ENOENT') yield unreadable(source.name, 'no-such-file');
    else yield unreadable(source.name, 'not-readable', messageOf(error));
  } finally {
    await chunks.return?.();
  }
}

async function* readMbox(
  { name }: InboundSource,
  content: AsyncIterable<Uint8Array>,
  reader: SourceReader,
): AsyncGenerator<InboundReading> {
  let number = 0;
  for await (const mail of splitMbox(content, MAX_BYTES)) {
    number += 1;
    const source = `${name}#${String(number)}`;
    // No mail of that size is a report; the limit is that of a source of its own.
    const reading: MailReading = mail ? await readMail(mail, reader.opener, reader.verifying) : { kind: 'no-report' };
    yield* readingsOf({ name: source, isNamed: false }, reading, reader);
  }
}

async function* readWhole(
  source: InboundSource,
  bytes: Buffer | undefined,
  reader: SourceReader,
): AsyncGenerator<InboundReading> {
  if (!bytes) yield unreadable(source.name, 'too-large');
  else if (recognizeContent(bytes) === 'mail') {
    yield* readingsOf(source, await readMail(bytes, reader.opener, reader.verifying), reader);
  } else yield* documentReadings(source, bytes, reader);
}

type Origin = Pick<InboundSource, 'name' | 'isNamed'>;

function* documentReadings(origin: Origin, bytes: Buffer, reader: SourceReader): Generator<InboundReading> {
  const policyDomain = domainInFileName(origin.name);
  const reading = readDocument(bytes, { policyDomain });
  const isMeant = origin.isNamed || policyDomain !== undefined;
  const isSomethingElse = reading.kind === 'unreadable' && SOMETHING_ELSE.includes(reading.code);
  yield* readingsOf(origin, isSomethingElse && !isMeant ? { kind: 'no-report' } : fromFile(reading), reader);
}

function fromFile(reading: DocumentReading): MailReading {
  if (reading.kind !== 'reports') return reading;
  const reports = withOriginals(reading).map((read) => ({ ...read, verification: unverifiedFile }));
  return { ...reading, reports, unreadable: [] };
}

function* readingsOf(origin: Origin, reading: MailReading, reader: SourceReader): Generator<InboundReading> {
  const { name: source, isNamed } = origin;
  if (reading.kind === 'reports') {
    for (const report of reading.reports) yield sentReading(source, report, reader);
    for (const code of reading.unreadable) yield unreadable(source, code);
  } else if (reading.kind === 'bounce') yield { source, ...reading };
  else if (reading.kind === 'unreadable') yield unreadable(source, reading.code);
  else yield isNamed ? unreadable(source, 'no-report') : { kind: 'passed-over', source };
}

function sentReading(source: string, sent: SentReport, { requiresSender }: SourceReader): InboundReading {
  return requiresSender && sent.verification.result !== 'pass'
    ? unreadable(source, 'sender-unverified', `${unreadableMeanings['sender-unverified']}: ${sent.verification.why}`)
    : { kind: 'report', source, ...sent };
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

function unreadable(source: string, code: UnreadableCode, why: string = unreadableMeanings[code]): InboundReading {
  return { kind: 'unreadable', source, code, why };
}
