/**
 * The HTTP or HTTPS servers to which something is posted.
 *
 * Everything that a client can stretch has a limit: handshake, header, body, silence, connections. Told to stop, it takes no more, answers
 * what it has, and ends.
 * Problems: http-not-listening.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionRoom } from './connection-room.ts';
import { listenOn, newServer, renewIdentity } from './listen-on.ts';
import type { HttpServer, ListenAddress, ServerIdentity } from './listen-on.ts';
import { Bodies } from './read-body.ts';
import type { BodyLimits } from './read-body.ts';
import { UnreadAnswers } from './unread-answers.ts';

export interface PostingServerOptions extends PostingLimits {
  readonly addresses: readonly ListenAddress[];
  /** What names them. */
  readonly setting: string;
  /** Undefined: plain HTTP. */
  readonly identity: ServerIdentity | undefined;
  /** Resolves to undefined when nobody waits for an answer any more. */
  readonly answer: (request: IncomingMessage, room: PostingRoom) => Promise<Reply | undefined>;
  /** For what comes once it was told to stop. */
  readonly whileStopping: (request: IncomingMessage) => Reply;
}

export interface PostingLimits {
  readonly mostConnections?: number | undefined;
  readonly mostRequests?: number | undefined;
  readonly mostUnreadBytes?: number | undefined;
  readonly bodyLimits?: BodyLimits | undefined;
}

export interface PostingRoom {
  readonly bodies: Bodies;
  /** Whether as many requests wait for an answer as there may be. */
  readonly isFull: () => boolean;
}

/** Made when it is to be sent: objects are larger than their text. */
export interface Reply {
  readonly status: number;
  /** `Content-Type` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: Buffer;
}

const HTTP_LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
} as const;
/** A connection on which nothing moves; the longest that an answer takes is less. */
const SILENCE_MS = 120_000;
const MOST_CONNECTIONS = 1_024;
/** That are not answered: on one connection there may be many, one behind the other. */
const MOST_REQUESTS = 4_096;
/** For how long what is still coming is read and thrown away, so that the client gets to see the answer. */
const LINGER_MS = 1_000;
/** What is still being read then is given up. */
const STOP_MS = 500;

export class PostingServer {
  readonly #options: PostingServerOptions;
  readonly #servers: HttpServer[] = [];
  readonly #room: ConnectionRoom;
  readonly #bodies: Bodies;
  readonly #unread: UnreadAnswers;
  /** Requests that are under way. */
  readonly #work = new Set<Promise<void>>();
  #identity: ServerIdentity | undefined;
  #isStopping = false;

  constructor(options: PostingServerOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#bodies = new Bodies(options.bodyLimits);
    this.#room = new ConnectionRoom(options.mostConnections ?? MOST_CONNECTIONS);
    this.#unread = new UnreadAnswers(options.mostUnreadBytes);
  }

  /** How many requests are not answered. */
  get underWay(): number {
    return this.#work.size;
  }

  /** Returns the addresses with the ports that they got. */
  async listen(): Promise<string[]> {
    const names: string[] = [];
    for (const address of this.#options.addresses) names.push(await this.#listenOn(address));
    return names;
  }

  /** For connections that come from now on. */
  renew(identity: ServerIdentity | undefined): void {
    this.#identity = identity;
    for (const server of this.#servers) renewIdentity(server, identity);
  }

  /** Takes nothing more. Resolves once nothing more will be handed over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const server of this.#servers) {
      server.close();
      server.closeIdleConnections();
    }
    await Promise.race([this.#bodies.idle(), sleep(STOP_MS)]);
    this.#bodies.giveUp();
    await new Promise((resolve) => setImmediate(resolve)); // what was read last is handed over
  }

  /** Once what was taken is answered, or after a moment. */
  async finish(): Promise<void> {
    await Promise.race([Promise.all(this.#work), sleep(STOP_MS)]);
    this.#room.endAll();
  }

  #listenOn(address: ListenAddress): Promise<string> {
    const server = this.#newServer();
    this.#servers.push(server);
    return listenOn(server, address, this.#options.setting);
  }

  #newServer(): HttpServer {
    const server = newServer(HTTP_LIMITS, this.#identity);
    server.setTimeout(SILENCE_MS);
    server.on('connection', (socket: Socket) => {
      this.#room.admit(socket);
    });
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      this.#take(request, response);
    };
    server.on('request', answer);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      request.once('newListener', (name) => {
        if (name === 'data') response.writeContinue(); // once its body is wanted
      });
      answer(request, response);
    });
    return server;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const work = this.#room.keep(request, () => this.#answer(request, response));
    this.#work.add(work);
    void work.finally(() => this.#work.delete(work));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#replyTo(request);
    if (reply && !response.destroyed) await this.#write(reply, request, response);
  }

  async #replyTo(request: IncomingMessage): Promise<Reply | undefined> {
    const { answer, whileStopping, mostRequests = MOST_REQUESTS } = this.#options;
    if (this.#isStopping) return whileStopping(request);
    return answer(request, { bodies: this.#bodies, isFull: () => this.#work.size >= mostRequests });
  }

  async #write({ status, headers, text }: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isRead = request.complete;
    response.writeHead(status, {
      'Content-Length': text.length,
      ...(isRead && !this.#isStopping ? {} : { Connection: 'close' }),
      ...headers,
    });
    const noteRead = this.#unread.add(text.length, () => request.socket.destroy());
    if (request.method !== 'HEAD') response.write(text);
    if (!isRead) await thrownAway(request);
    response.end();
    await this.#sent(response, request.socket);
    noteRead();
  }

  /** Of an answer whose turn has not come when its connection is closed, Node.js says nothing. */
  #sent(response: ServerResponse, socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      if (response.writableFinished || response.destroyed) {
        resolve();
        return;
      }
      const forget = this.#room.whenClosed(socket, resolve);
      response.once('close', () => {
        forget();
        resolve();
      });
    });
  }
}

/** What is still coming of a request, for a moment. */
async function thrownAway(request: IncomingMessage): Promise<void> {
  const enough = new AbortController();
  request.resume();
  const ended = once(request, 'close', { signal: enough.signal }).catch(() => undefined);
  const whole = once(request, 'end', { signal: enough.signal }).catch(() => undefined);
  await Promise.race([ended, whole, sleep(LINGER_MS, undefined, { signal: enough.signal })]);
  enough.abort();
}
