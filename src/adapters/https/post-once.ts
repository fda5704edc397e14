/**
 * One POST to one URL, without following anything.
 *
 * Reads no more of the answer than `maxResponseBytes`, and waits a moment for it. Once the status is known it decides: a body that never ends, comes too
 * slowly or breaks off does not turn what was accepted into something to send again.
 */
import type { Agent } from 'node:https';
import { Readable } from 'node:stream';
import fetch, { type Response } from 'node-fetch';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { errnoOf } from '#support/problem.ts';
import { findDestination, type Destination } from './find-destination.ts';
import type { HttpAnswer } from './http-outcome.ts';
import type { HttpsOptions } from './https-options.ts';
import { networkTrouble } from './network-trouble.ts';
import { closeKept, keepsConnections } from './pinned-agents.ts';
import type { PinnedAgents } from './pinned-agents.ts';

/** What stays the same over the redirects of one attempt. */
export interface PostAttempt {
  readonly options: HttpsOptions;
  readonly agents: PinnedAgents;
  readonly contentType: string;
  readonly body: Buffer;
  /** Aborted when the time of the attempt is used up. */
  readonly signal: AbortSignal;
}

export async function postOnce(url: URL, attempt: PostAttempt): Promise<HttpAnswer | DeliveryOutcome> {
  const destination = await findDestination(url, attempt.options, attempt.signal);
  if (destination.kind !== 'reachable') return destination;
  try {
    return await readAnswer(await postOverKept(url, destination, attempt), attempt.options.maxResponseBytes);
  } catch (error) {
    return networkTrouble(url.host, error, attempt.signal);
  }
}

/**
 * A server may close a connection that was kept at any time, also while we write: then the same goes over another at once (RFC 9112 9.3.1).
 * Should the server have read it, it gets it again, under the same id.
 */
async function postOverKept(url: URL, destination: Destination, attempt: PostAttempt): Promise<Response> {
  const agent = attempt.agents.agentFor(url, destination);
  const mayBeOver = keepsConnections(agent);
  try {
    return await post(url, agent, attempt);
  } catch (error) {
    if (!mayBeOver || !isLost(error) || attempt.signal.aborted) throw error;
    closeKept(agent);
    return post(url, agent, attempt);
  }
}

function isLost(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(errnoOf(error) ?? '');
}

async function post(url: URL, agent: Agent, { options, contentType, body, signal }: PostAttempt): Promise<Response> {
  signal.throwIfAborted(); // a body that node-fetch is given with a signal that aborted throws where nobody can catch
  return fetch(url.href, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': contentType,
      'User-Agent': options.userAgent,
      'Accept-Encoding': 'identity',
    },
    compress: false,
    redirect: 'manual',
    agent,
    signal,
  });
}

async function readAnswer(response: Response, maxBytes: number): Promise<HttpAnswer> {
  const { status, statusText, headers } = response;
  const isRedirect = status >= 300 && status <= 399;
  return {
    kind: 'answered',
    status,
    statusText,
    body: isRedirect ? '' : await readBeginning(response.body, maxBytes),
    location: headers.get('Location'),
    retryAfter: headers.get('Retry-After'),
    date: headers.get('Date'),
  };
}

/** For what a server has to say behind its status, which decides. */
const BODY_PATIENCE_MS = 1_000;

async function readBeginning(body: NodeJS.ReadableStream | null, maxBytes: number): Promise<string> {
  if (body === null) return '';
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const timer = setTimeout(() => {
    if (body instanceof Readable) body.destroy();
  }, BODY_PATIENCE_MS);
  try {
    for await (const chunk of body) {
      chunks.push(Buffer.from(chunk));
      sizeBytes += chunk.length;
      if (sizeBytes >= maxBytes) break;
    }
  } catch {
    // What arrived is quoted.
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
