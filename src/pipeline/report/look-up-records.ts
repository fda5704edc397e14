/**
 * Looks up the TLSRPT records that the MTAs did not pass on, many at once but never too many.
 *
 * A domain that nobody answers for costs itself alone: after a moment it gives its place to the next.
 * RFC 8460 3. Problems: name-servers-silent.
 */
import { nameServersSilent } from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import { forEachAtOnce } from '#support/for-each-at-once.ts';
import { selectTlsrptRecord } from '#tlsrpt/select-tlsrpt-record.ts';
import { MAX_RECORD_LENGTH, tooLong } from '#tlsrpt/tlsrpt-record.ts';
import { NameServers } from './name-servers.ts';
import type { TlsrptRecords, TxtAnswer } from './tlsrpt-records.ts';

export type RecordAnswer =
  | { readonly kind: 'record'; readonly record: string }
  /** The domain asks for no reports. */
  | { readonly kind: 'absent'; readonly why: string }
  /** It may be known another time. */
  | { readonly kind: 'unknown'; readonly why: string };

/** A name server that is there mostly answers at once; one that is not keeps a look-up waiting for six seconds. */
export const lookUpLimits = { atOnce: 50, placeMs: 1_000 } as const;

/** By policy domain; also a Map. */
export interface RecordAnswers {
  get(domain: string): RecordAnswer | undefined;
  set(domain: string, answer: RecordAnswer): unknown;
}

/** Puts what is found into `found`. */
export async function lookUpRecords(
  domains: Iterable<string>,
  records: TlsrptRecords,
  { found, log }: { readonly found: Pick<RecordAnswers, 'set'>; readonly log: Log },
): Promise<void> {
  const servers = new NameServers(records);
  let unknown = 0;
  await forEachAtOnce(domains, lookUpLimits, async (domain) => {
    const answer = await servers.lookUp(domain);
    const record = answer ? recordOf(answer) : NOT_ASKED;
    if (record.kind === 'unknown') unknown += 1;
    found.set(domain, record);
  });
  if (await servers.areSilent()) log(nameServersSilent(unknown));
}

const NOT_ASKED: RecordAnswer = { kind: 'unknown', why: 'the name servers are silent' };

function recordOf(answer: TxtAnswer): RecordAnswer {
  if (answer.kind !== 'answered') return { kind: 'unknown', why: answer.why };
  const selection = selectTlsrptRecord(answer.txtRecords);
  switch (selection.kind) {
    case 'one':
      return selection.record.length > MAX_RECORD_LENGTH
        ? { kind: 'absent', why: `the one that it publishes cannot be used: ${tooLong}` }
        : { kind: 'record', record: selection.record };
    case 'none':
      return { kind: 'absent', why: 'it publishes none' };
    case 'several':
      return { kind: 'absent', why: 'it publishes more than one' }; // RFC 8460 3
  }
}
