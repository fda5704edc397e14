/**
 * Answers one request at the address for reports: finds out whether it is a report that may come in, hands it over, and waits until it is stored.
 *
 * Anybody may post, and whoever does is counted by address. A request that is refused before its body is read costs no more than its header.
 */
import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import type { PostedReport } from '#pipeline/read/posted-report.ts';
import { clientAddress } from './client-address.ts';
import type { NewsTeller } from './http-news.ts';
import { isLoopback } from './listen-on.ts';
import type { Bodies } from './read-body.ts';
import { outcomeAnswer, PACKINGS, refusals, tooMany } from './report-answers.ts';
import type { ReportAnswer } from './report-answers.ts';
import type { ReportHandover } from './report-handovers.ts';
import type { ReportNews } from './report-news.ts';
import type { RequestRates } from './request-rates.ts';

export interface ReportOptions {
  readonly proxies: BlockList;
  readonly rates: RequestRates;
  /** Hands over a report, and waits until it is stored. */
  readonly handOver: (posted: PostedReport) => Promise<ReportHandover>;
  readonly isFull: () => boolean;
  readonly news: NewsTeller<ReportNews>;
  readonly bodies: Bodies;
}

export const REPORTS_PATH = '/v1/reports';
/** Those of RFC 8460, and what they are a kind of. No page in a browser can post one of them to here without asking first. */
const MEDIA_TYPE = /^application\/(?:tlsrpt\+(?:gzip|json)|json|(?:x-)?gzip)$/;

/** Undefined when nobody waits for an answer any more. */
export async function answerReport(
  request: IncomingMessage,
  options: ReportOptions,
): Promise<ReportAnswer | undefined> {
  const [path] = (request.url ?? '').split('?');
  if (path !== REPORTS_PATH) return refusals.notFound;
  if (request.method !== 'POST') return refusals.wrongMethod;
  const from = clientAddress(
    { peer: request.socket.remoteAddress, forwardedFor: forwardedForOf(request) },
    options.proxies,
  );
  const refusal = refusalByRate(request, from, options) ?? refusalByHeader(request);
  if (refusal) return told(refusal, from, options);
  if (options.isFull()) return told(refusals.full, from, options);
  const body = await options.bodies.read(request);
  switch (body.kind) {
    case 'gone':
      return undefined;
    case 'too-large':
      return told(refusals.tooLarge, from, options);
    case 'full':
      return told(refusals.full, from, options);
    case 'body':
      return told(await answerTo({ from, bytes: body.bytes, ...formOf(request) }, options), from, options);
  }
}

function refusalByRate(
  request: IncomingMessage,
  from: string,
  { proxies, rates, news }: ReportOptions,
): ReportAnswer | undefined {
  const isForwarded = forwardedForOf(request) !== undefined;
  if (isForwarded && proxies.rules.length === 0 && isLoopback({ host: from, port: 0 }))
    news.tell({ kind: 'unknown-proxy', from });
  const waitS = rates.take(from);
  return waitS > 0 ? tooMany(waitS) : undefined;
}

function forwardedForOf({ headers }: IncomingMessage): string | undefined {
  const fields = headers['x-forwarded-for'];
  return Array.isArray(fields) ? fields.join() : fields;
}

function refusalByHeader(request: IncomingMessage): ReportAnswer | undefined {
  const { mediaType } = formOf(request);
  if (!MEDIA_TYPE.test(mediaType)) return refusals.mediaType;
  const packing = packingOf(request);
  return packing === 'identity' || PACKINGS.some((known) => known === packing) ? undefined : refusals.packing;
}

function formOf(request: IncomingMessage): Pick<PostedReport, 'mediaType' | 'isPacked'> {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';');
  return { mediaType: mediaType.trim().toLowerCase(), isPacked: packingOf(request) !== 'identity' };
}

function packingOf({ headers }: IncomingMessage): string {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
}

async function answerTo(posted: PostedReport, { handOver }: ReportOptions): Promise<ReportAnswer> {
  const handover = await handOver(posted);
  return handover.kind === 'full' || handover.kind === 'late' ? refusals[handover.kind] : outcomeAnswer(handover);
}

function told(answer: ReportAnswer, from: string, { news }: ReportOptions): ReportAnswer {
  if (answer === refusals.full) news.tell({ kind: 'full', from });
  else if (answer.status === 429) news.tell({ kind: 'limited', from });
  else if (answer.status >= 400 && answer.status < 500) news.tell({ kind: 'refused', from, why: answer.text });
  return answer;
}
