/**
 * Reads one source: finds out what it is, and gives the reports in it.
 *
 * What is unreadable is said, with its reason, and ends nothing. Memory is bounded whatever the source holds.
 */
import { errnoOf, messageOf } from '#support/problem.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';
import type { DocumentReading, UnreadableCode } from '#tlsrpt/inbound-report.ts';
import type { InboundReading } from './inbound-reading.ts';
import type { InboundSource } from './inbound-source.ts';
import { readDocument } from './read-document.ts';
import { domainInFileName } from '#tlsrpt/report-file-name.ts';

/** A mail of 10 MB or so is what receivers take. */
const MAX_SOURCE_BYTES = 33_554_432;
/** Said of what is plainly something else, and then nobody has to know it of a file that happened to be there. */
const SOMETHING_ELSE: readonly UnreadableCode[] = ['archive', 'empty', 'not-a-report', 'not-json', 'not-recognized'];

export async function* readSource(source: InboundSource): AsyncGenerator<InboundReading> {
  const content = await contentOf(source);
  if (content.kind === 'failed') yield unreadable(source, content.code, content.why);
  else yield* readingsOf(source, readDocument(content.bytes, domainInFileName(source.name)));
}

function* readingsOf(source: InboundSource, reading: DocumentReading): Generator<InboundReading> {
  if (reading.kind === 'reports')
    for (const report of reading.reports) yield { kind: 'report', source: source.name, report };
  else if (isSomethingElse(source, reading.code)) yield { kind: 'passed-over', source: source.name };
  else yield unreadable(source, reading.code);
}

function isSomethingElse({ name, isNamed }: InboundSource, code: UnreadableCode): boolean {
  return !isNamed && SOMETHING_ELSE.includes(code) && domainInFileName(name) === undefined;
}

type Content =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly code: UnreadableCode; readonly why?: string };

async function contentOf(source: InboundSource): Promise<Content> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of source.bytes()) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_SOURCE_BYTES) return { kind: 'failed', code: 'too-large' };
      chunks.push(chunk);
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno === 'ENOENT'
      ? { kind: 'failed', code: 'no-such-file' }
      : { kind: 'failed', code: 'not-readable', why: messageOf(error) };
  }
  return { kind: 'content', bytes: Buffer.concat(chunks) };
}

function unreadable(
  { name }: InboundSource,
  code: UnreadableCode,
  why: string = unreadableMeanings[code],
): InboundReading {
  return { kind: 'unreadable', source: name, code, why };
}
