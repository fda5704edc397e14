/**
 * The HTTP or HTTPS server for what can be asked for with GET. It changes nothing, whatever it is asked.
 *
 * Everything that a client can stretch has a limit: handshake, header, silence, connections. What is no HTTP, or too much of it, Node.js answers
 * itself (400, 408, 431). Told to stop, it takes nothing more, answers what it has, and ends.
 * Problems: http-not-listening.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Route } from '#web/route.ts';
import { CHALLENGE, hasToken } from './access-token.ts';
import { ConnectionRoom } from './connection-room.ts';
import { listenOn, newServer, renewIdentity } from './listen-on.ts';
import type { HttpServer, ListenAddress, ServerIdentity } from './listen-on.ts';

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
  readonly #server: HttpServer;
  readonly #room = new ConnectionRoom(MOST_CONNECTIONS);
  readonly #routes: ReadonlyMap<string, Route>;
  #token: string | undefined;

  constructor(options: WebServerOptions) {
    const { identity, token } = options.secrets;
    this.#options = options;
    this.#token = token;
    this.#routes = new Map(options.routes.map((route) => [route.path, route]));
    this.#server = newServer(HTTP_LIMITS, identity);
    this.#server.setTimeout(SILENCE_MS);
    this.#server.on('connection', (socket: Socket) => {
      this.#room.admit(socket);
    });
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#room.keep(request, () => this.#take(request, response));
    });
  }

  /** Returns where it is, with the port that it got. */
  async listen(): Promise<string> {
    const { address, secrets } = this.#options;
    return `${secrets.identity ? 'https' : 'http'}://${await listenOn(this.#server, address, 'serve.listen')}`;
  }

  /** For connections that come from now on, and the requests on all. Whether there is TLS stays as it is. */
  renew({ identity, token }: ServerSecrets): void {
    this.#token = token;
    renewIdentity(this.#server, identity);
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
    const { status, contentType, text, headers = {} } = await this.#answer(request);
    const bytes = Buffer.from(text);
    response.writeHead(status, {
      ...HEADERS,
      ...headers,
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
    const [, path = '', query = ''] = /^([^?]*)\??(.*)$/.exec(url) ?? [];
    const route = this.#routes.get(path);
    if (!route) return refusal(404, 'There is nothing at this path.\n');
    return METHODS.includes(method)
      ? route.answer(new URLSearchParams(query))
      : refusal(405, 'Nothing can be changed here.\n');
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
