/**
 * The HTTP or HTTPS server for what can be asked for with GET. It changes nothing, whatever it is asked.
 *
 * Everything that a client can stretch has a limit: handshake, header, silence, connections. What is no HTTP, or too much of it, Node.js answers
 * itself (400, 408, 431). Told to stop, it takes nothing more, answers what it has, and ends.
 * Problems: http-not-listening.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, Problem } from '#support/problem.ts';
import type { Answer, Route } from '#web/route.ts';
import { CHALLENGE, hasToken } from './access-token.ts';

export interface ListenAddress {
  /** An IP address. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** In PEM. */
export interface ServerIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface ServerSecrets {
  /** Undefined: plain HTTP. */
  readonly identity: ServerIdentity | undefined;
  /** Undefined: whoever reaches the port may ask. */
  readonly token: string | undefined;
}

export interface WebServerOptions {
  readonly address: ListenAddress;
  readonly secrets: ServerSecrets;
  readonly routes: readonly Route[];
}

const HTTP_LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  /** Longer than the minute that many scrape at. */
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 2_000,
} as const;
const TLS_LIMITS = { handshakeTimeout: 10_000, minVersion: 'TLSv1.2' } as const;
const MOST_CONNECTIONS = 256;
/** A connection on which nothing moves. */
const SILENCE_MS = 80_000;
const STOP_MS = 1_000;
const METHODS = ['GET', 'HEAD'];
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #server: Server | TlsServer;
  readonly #routes: ReadonlyMap<string, Route>;
  #token: string | undefined;

  constructor(options: WebServerOptions) {
    const { identity, token } = options.secrets;
    this.#options = options;
    this.#token = token;
    this.#routes = new Map(options.routes.map((route) => [route.path, route]));
    this.#server = identity
      ? createTlsServer({ ...HTTP_LIMITS, ...TLS_LIMITS, ...identity })
      : createServer(HTTP_LIMITS);
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.setTimeout(SILENCE_MS);
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#take(request, response);
    });
  }

  /** Returns where it is, with the port that it got. */
  async listen(): Promise<string> {
    const { address, secrets } = this.#options;
    try {
      this.#server.listen(address);
      await once(this.#server, 'listening');
    } catch (error) {
      throw notListening(address, error);
    }
    this.#server.on('error', () => undefined); // of a connection that could not be accepted; the next may be
    const bound = this.#server.address();
    const port = typeof bound === 'object' && bound ? bound.port : address.port;
    return `${secrets.identity ? 'https' : 'http'}://${nameOf({ ...address, port })}`;
  }

  /** For connections that come from now on, and the requests on all. Whether there is TLS stays as it is. */
  renew({ identity, token }: ServerSecrets): void {
    this.#token = token;
    if (identity && 'setSecureContext' in this.#server)
      this.#server.setSecureContext({ ...identity, minVersion: TLS_LIMITS.minVersion });
  }

  /** Resolves once everything that was asked is answered, or after a moment. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await Promise.race([closed, sleep(STOP_MS, undefined, { ref: false })]);
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume(); // nothing that is asked for has a body
    const { status, contentType, text } = await this.#answer(request);
    const bytes = Buffer.from(text);
    response.writeHead(status, {
      ...HEADERS,
      ...(status === 401 ? { 'WWW-Authenticate': CHALLENGE } : {}),
      ...(status === 405 ? { Allow: METHODS.join(', ') } : {}),
      ...(this.#server.listening && request.complete ? {} : { Connection: 'close' }),
      'Content-Type': contentType,
      'Content-Length': bytes.length,
    });
    response.end(bytes); // of which Node.js sends nothing upon HEAD
  }

  async #answer({ method = '', url = '', headers }: IncomingMessage): Promise<Answer> {
    if (this.#token === undefined) {
      if (!isNamedAsItself(headers.host)) return refusal(421, 'Ask for an address, or localhost.\n');
    } else if (!hasToken(this.#token, headers.authorization)) return refusal(401, 'A token is needed.\n');
    const [path = ''] = url.split('?');
    const route = this.#routes.get(path);
    if (!route) return refusal(404, 'There is nothing at this path.\n');
    return METHODS.includes(method) ? route.answer() : refusal(405, 'Nothing can be changed here.\n');
  }
}

function refusal(status: number, text: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', text };
}

/** Without a token, no page in a browser of this machine may ask by a name of its own that leads here (DNS rebinding). */
function isNamedAsItself(host = ''): boolean {
  const [, ipv6, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return isIP(ipv6 ?? name) !== 0 || name.toLowerCase() === 'localhost';
}

function notListening(address: ListenAddress, error: unknown): Problem {
  return new Problem(
    'http-not-listening',
    `Nothing can be asked on ${nameOf(address)}: ${messageOf(error)}. Set serve.listen to an address of this machine, and a port that is ` +
      'free and may be used.',
  );
}

function nameOf({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
