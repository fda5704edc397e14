/**
 * Answers one request: finds out what it asks for, whether it may, and what of its body counts, which it hands over and waits for.
 *
 * A request that is refused before its body is read costs no more than its header.
 */
import type { IncomingMessage } from 'node:http';
import {
  bulkAnswer,
  documentAnswer,
  greeting,
  malformed,
  methodNotAllowed,
  refusals,
  sessionsAnswer,
} from './answers.ts';
import type { Answer } from './answers.ts';
import type { Credentials } from './credentials.ts';
import type { NewsTeller } from './http-news.ts';
import { readHalonItem } from './posted-item.ts';
import type { PostedItem, PostedSession } from './posted-item.ts';
import { readBulk } from './read-bulk.ts';
import type { Bodies } from './read-body.ts';
import { readSessions } from './read-sessions.ts';
import { routeOf } from './route-of.ts';
import type { Route } from './route-of.ts';

export type Handover = 'journaled' | 'full' | 'late';

export interface RequestOptions {
  /** Undefined: whoever reaches the port may post. */
  readonly credentials: Credentials | undefined;
  /** Hands over sessions to be counted, and waits until they are journaled. */
  readonly handOver: (sessions: readonly PostedSession[]) => Promise<Handover>;
  readonly isFull: () => boolean;
  readonly news: NewsTeller;
  readonly bodies: Bodies;
}

type Posting = Extract<Route, { kind: 'document' | 'bulk' | 'sessions' }>;

interface Understood {
  readonly items: readonly PostedItem[];
  readonly answer: Answer;
}

const MEDIA_TYPE = /^application\/(?:json|(x-)?ndjson|vnd\.elasticsearch\+(?:json|x-ndjson))\s*(?:;|$)/i;
const LINES_TYPE = /ndjson/i;
const MOST_KEY_LENGTH = 255;

/** Undefined when nobody waits for an answer any more. */
export async function answerRequest(request: IncomingMessage, options: RequestOptions): Promise<Answer | undefined> {
  const { credentials, news } = options;
  const route = routeOf(request.method ?? '', request.url ?? '');
  if (credentials?.allow(request.headers.authorization) === false) {
    news.tell({ kind: 'unauthorized', from: senderOf(request) });
    return refusals.unauthorized;
  }
  if (route.kind === 'greeting') return greeting;
  if (route.kind === 'unknown') return refusals.notFound;
  if (route.kind === 'wrong-method') return methodNotAllowed(route.allowed);
  return answerPosting(request, route, options);
}

async function answerPosting(
  request: IncomingMessage,
  route: Posting,
  options: RequestOptions,
): Promise<Answer | undefined> {
  const refusal = refusalByHeader(request) ?? (options.isFull() ? refusals.full : undefined);
  if (refusal) return told(refusal, request, options);
  const body = await options.bodies.read(request);
  if (body.kind === 'gone') return undefined;
  if (body.kind === 'too-large') return told(refusals.tooLarge, request, options);
  if (body.kind === 'full') return told(refusals.full, request, options);
  const understood = understand(request, route, body.bytes);
  if ('status' in understood) return told(understood, request, options);
  const sessions = understood.items.flatMap((item) => (item.kind === 'session' ? [item.session] : []));
  const handover = sessions.length === 0 ? 'journaled' : await options.handOver(sessions);
  if (handover !== 'journaled') return told(refusals[handover], request, options);
  tellUnreadable(understood.items, request, options);
  return understood.answer;
}

function refusalByHeader({ headers }: IncomingMessage): Answer | undefined {
  // Nothing else is taken, so that no page in a browser on this machine can post here.
  if (!MEDIA_TYPE.test(headers['content-type'] ?? '')) return refusals.contentType;
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity' ? undefined : refusals.contentEncoding;
}

/** An answer where nothing of the request counts. */
function understand({ headers }: IncomingMessage, route: Posting, body: Buffer): Understood | Answer {
  if (route.kind === 'document') {
    const item = readHalonItem(body);
    return { items: [item], answer: documentAnswer(route.index, item) };
  }
  if (route.kind === 'bulk') {
    const reading = readBulk(body);
    if (reading.kind === 'malformed') return malformed(reading.why);
    if (reading.kind === 'too-many') return refusals.tooLarge;
    return { items: reading.items.map(({ item }) => item), answer: bulkAnswer(reading.items, route.index) };
  }
  const areLines = LINES_TYPE.test(headers['content-type'] ?? '');
  const key = headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || key.length > MOST_KEY_LENGTH))
    return malformed('the Idempotency-Key is too long');
  const items = readSessions(body, { areLines, idempotencyKey: key });
  return items ? { items: items.map(({ item }) => item), answer: sessionsAnswer(items) } : refusals.tooLarge;
}

function told(answer: Answer, request: IncomingMessage, { news }: RequestOptions): Answer {
  const from = senderOf(request);
  if (answer === refusals.full) news.tell({ kind: 'full', from });
  else if (answer.status < 500) news.tell({ kind: 'unreadable', from, path: pathOf(request), why: reasonOf(answer) });
  return answer;
}

function tellUnreadable(items: readonly PostedItem[], request: IncomingMessage, { news }: RequestOptions): void {
  const unreadable = items.find((item) => item.kind === 'unreadable');
  if (unreadable?.kind === 'unreadable')
    news.tell({ kind: 'unreadable', from: senderOf(request), path: pathOf(request), why: unreadable.why });
}

function senderOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'somebody who has gone';
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.slice(0, MOST_KEY_LENGTH);
}

function reasonOf({ body }: Answer): string {
  return (body as { readonly error: { readonly reason: string } }).error.reason;
}
