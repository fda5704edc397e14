/**
 * Looks up the TLSRPT records that the MTAs did not pass on, many at once but never too many.
 *
 * When nothing at all is answered for a while, the rest is not even asked for: it is as unknown as it would be after hours of waiting.
 * RFC 8460 3. Problems: name-servers-silent.
 */
import pLimit from 'p-limit';
import { nameServersSilent } from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import { selectTlsrptRecord } from '#tlsrpt/select-tlsrpt-record.ts';
import type { TlsrptRecords, TxtAnswer } from './tlsrpt-records.ts';

export type RecordAnswer =
  | { readonly kind: 'record'; readonly record: string }
  /** The domain asks for no reports. */
  | { readonly kind: 'absent'; readonly why: string }
  /** It may be known another time. */
  | { readonly kind: 'unknown'; readonly why: string };

export const lookUpLimits = { atOnce: 50, window: 200 } as const;

/** A server that fails has at least answered. */
const SERVER_FAILURE = 'ESERVFAIL';

export async function lookUpRecords(
  domains: Iterable<string>,
  records: TlsrptRecords,
  log: Log,
): Promise<Map<string, RecordAnswer>> {
  const limit = pLimit(lookUpLimits.atOnce);
  const found = new Map<string, RecordAnswer>();
  let isSilent = false;
  for (const window of windowsOf(domains)) {
    const answers: TxtAnswer[] = isSilent ? [] : await limit.map(window, (domain) => records.lookUp(domain));
    isSilent ||= answers.every(isSilence);
    window.forEach((domain, index) => found.set(domain, recordOf(answers[index])));
  }
  if (isSilent) log(nameServersSilent(found.size));
  return found;
}

function isSilence(answer: TxtAnswer): boolean {
  return answer.kind === 'unknown' && answer.why !== SERVER_FAILURE;
}

/** Not one promise for each domain of a large day. */
function* windowsOf(domains: Iterable<string>): Generator<string[]> {
  let window: string[] = [];
  for (const domain of domains) {
    window.push(domain);
    if (window.length < lookUpLimits.window) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

function recordOf(answer: TxtAnswer | undefined): RecordAnswer {
  if (answer === undefined) return { kind: 'unknown', why: 'the name servers are silent' };
  if (answer.kind === 'unknown') return answer;
  const selection = selectTlsrptRecord(answer.txtRecords);
  switch (selection.kind) {
    case 'one':
      return { kind: 'record', record: selection.record };
    case 'none':
      return { kind: 'absent', why: 'it publishes none' };
    case 'several':
      return { kind: 'absent', why: 'it publishes more than one' }; // RFC 8460 3
  }
}
