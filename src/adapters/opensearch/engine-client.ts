/**
 * Asks OpenSearch or Elasticsearch over its REST API, JSON to JSON.
 *
 * A client of our own, since a handful of calls is all there is to it, and the official ones refuse each other's servers. What it relies on is the
 * same in OpenSearch 2 and 3 and in Elasticsearch 7 and 8. Every reply is bounded in bytes and time, and no redirect is followed: the credentials
 * would go with it. What the server is too busy for, or the network loses, is asked again after a while, so each request must bear to be repeated,
 * unless it says otherwise. Rejects with an EngineFailure, also when the signal aborts.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import fetch from 'node-fetch';
import type { Response } from 'node-fetch';
import { messageOf } from '#support/problem.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { EngineFailure } from './engine-failure.ts';
import { pause } from './pause.ts';

export interface EngineOptions {
  /** `https://host:9200`, or with a path before the API. */
  readonly url: URL;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** Certificate authorities in PEM, trusted in addition to those that Node brings. */
  readonly ca?: string | undefined;
  readonly userAgent: string;
  /** For one attempt, with its reply. */
  readonly timeoutMs: number;
  /** How often something is asked at most, and how long is waited before the second time; then twice as long each time. */
  readonly attempts?: number;
  readonly pauseMs?: number;
}

export interface EngineRequest {
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT';
  /** With its query, beginning with a slash. */
  readonly path: string;
  /** An object, or lines of JSON. */
  readonly body?: object | string | undefined;
  /** Statuses, besides 200 and 201, that the caller knows what to make of. */
  readonly expected?: readonly number[];
  /** False for what may have been done although no reply came, and must not be done again. */
  readonly mayRepeat?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface EngineReply {
  readonly status: number;
  readonly body: unknown;
}

const MAX_REPLY_BYTES = 128 * 1024 ** 2;
const MAX_WHY_LENGTH = 300;
const ATTEMPTS = 6;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const MAX_SOCKETS = 16;
/** Too many requests, and what a proxy says while the server is down or starting. */
const BUSY = [429, 502, 503, 504];
const BEFORE_REASON = /^request to \S* failed, reason: /;

export class EngineClient {
  /** Where it is, for people. */
  readonly name: string;
  readonly #options: EngineOptions;
  readonly #agent: HttpAgent;
  readonly #base: string;

  constructor(options: EngineOptions) {
    const { url, ca } = options;
    const shared = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.#options = options;
    this.#base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    this.name = this.#base;
    this.#agent =
      url.protocol === 'http:'
        ? new HttpAgent(shared)
        : new HttpsAgent({ ...shared, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) });
  }

  async ask(request: EngineRequest): Promise<EngineReply> {
    const { attempts = ATTEMPTS, pauseMs = PAUSE_MS } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(request);
      if (!(result instanceof EngineFailure)) return result;
      const isLast = result.kind === 'refused' || request.mayRepeat === false || attempt >= attempts;
      if (isLast || request.signal?.aborted === true) throw result;
      const longest = Math.min(pauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      await pause(longest * (0.5 + Math.random() / 2), request.signal); // not all hosts at once
    }
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#agent.destroy();
  }

  async #attempt(request: EngineRequest): Promise<EngineReply | EngineFailure> {
    const { timeoutMs } = this.#options;
    const inTime = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([inTime, request.signal]) : inTime;
    try {
      signal.throwIfAborted(); // a body that node-fetch is given with a signal that aborted throws where nobody can catch
      const response = await fetch(`${this.#base}${request.path}`, { ...this.#formOf(request), signal });
      return judge(response.status, await readText(response), request);
    } catch (error) {
      if (error instanceof EngineFailure) return error;
      return new EngineFailure('unreachable', whyOf(error, { inTime, timeoutMs, request }), { cause: error });
    }
  }

  #formOf({ method, body }: EngineRequest): Parameters<typeof fetch>[1] {
    const { login, userAgent } = this.#options;
    const contentType = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
    return {
      method,
      agent: this.#agent,
      redirect: 'manual',
      headers: {
        'User-Agent': userAgent,
        ...(login && { Authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` }),
        ...(body === undefined ? {} : { 'Content-Type': contentType }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    };
  }
}

function judge(status: number, text: string, { expected = [] }: EngineRequest): EngineReply | EngineFailure {
  if ([200, 201, ...expected].includes(status)) return readReply(status, text);
  if (BUSY.includes(status)) return new EngineFailure('unreachable', `it answered ${String(status)}: ${shown(text)}`);
  if (status >= 300 && status <= 399)
    return new EngineFailure('refused', `it answered ${String(status)}, and redirects are not followed`);
  if (status === 401 || status === 403)
    return new EngineFailure(
      'refused',
      `it answered ${String(status)}: user or password are wrong, or may not do this`,
    );
  return new EngineFailure('refused', `it answered ${String(status)}: ${shown(text)}`);
}

function readReply(status: number, text: string): EngineReply | EngineFailure {
  try {
    return { status, body: JSON.parse(text === '' ? 'null' : text) as unknown };
  } catch {
    return new EngineFailure('refused', 'its answer is not JSON, so it is neither OpenSearch nor Elasticsearch');
  }
}

/** What it says itself of an error; else the beginning of whatever it says. */
function shown(text: string): string {
  const reason = /"reason"\s*:\s*"((?:[^"\\]|\\.){1,2000})"/.exec(text)?.[1] ?? text;
  return cleanText(reason, MAX_WHY_LENGTH);
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_REPLY_BYTES) throw new EngineFailure('refused', 'its answer is larger than any should be');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface FailedAttempt {
  readonly inTime: AbortSignal;
  readonly timeoutMs: number;
  readonly request: EngineRequest;
}

/** Without its full stop. */
function whyOf(error: unknown, { inTime, timeoutMs, request }: FailedAttempt): string {
  if (inTime.aborted) return `no answer within ${String(timeoutMs / 1_000)} s`;
  if (request.signal?.aborted === true) return 'no answer in time';
  return cleanText(messageOf(error).replace(BEFORE_REASON, ''), MAX_WHY_LENGTH).replace(/\.$/, '');
}
