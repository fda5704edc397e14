/**
 * The HTTP or HTTPS servers through which sessions are posted (posting-server.ts).
 *
 * Problems: http-not-listening.
 */
import type { IncomingMessage } from 'node:http';
import { answerRequest } from './answer-request.ts';
import type { RequestOptions } from './answer-request.ts';
import { refusals } from './answers.ts';
import type { Answer } from './answers.ts';
import type { Credentials } from './credentials.ts';
import type { ListenAddress, ServerIdentity } from './listen-on.ts';
import { PostingServer } from './posting-server.ts';
import type { PostingLimits, PostingRoom, Reply } from './posting-server.ts';

export interface ServerSecrets {
  /** Undefined: plain HTTP. */
  readonly identity: ServerIdentity | undefined;
  readonly credentials: Credentials | undefined;
}

export interface SessionServerOptions extends Omit<RequestOptions, 'credentials' | 'bodies'>, PostingLimits {
  readonly addresses: readonly ListenAddress[];
  readonly secrets: ServerSecrets;
}

export class SessionServer {
  readonly #options: SessionServerOptions;
  readonly #server: PostingServer;
  #credentials: Credentials | undefined;

  constructor(options: SessionServerOptions) {
    this.#options = options;
    this.#credentials = options.secrets.credentials;
    this.#server = new PostingServer({
      ...options,
      setting: 'collect.http',
      identity: options.secrets.identity,
      answer: (request, room) => this.#answer(request, room),
      whileStopping: (request) => replyOf(refusals.stopping, request),
    });
  }

  /** How many requests are not answered. */
  get underWay(): number {
    return this.#server.underWay;
  }

  /** Returns the addresses with the ports that they got. */
  listen(): Promise<string[]> {
    return this.#server.listen();
  }

  /** For connections that come from now on, and the requests on all. */
  renew({ identity, credentials }: ServerSecrets): void {
    this.#credentials = credentials;
    this.#server.renew(identity);
  }

  /** Takes nothing more. Resolves once nothing more will be handed over. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Once what was taken is answered, or after a moment. */
  finish(): Promise<void> {
    return this.#server.finish();
  }

  async #answer(request: IncomingMessage, { bodies, isFull }: PostingRoom): Promise<Reply | undefined> {
    const answer = await answerRequest(request, {
      ...this.#options,
      credentials: this.#credentials,
      bodies,
      isFull: () => isFull() || this.#options.isFull(),
    });
    return answer && replyOf(answer, request);
  }
}

function replyOf({ status, headers = {}, body }: Answer, request: IncomingMessage): Reply {
  return {
    status,
    headers: {
      'Content-Type': mediaTypeFor(request),
      'X-Elastic-Product': 'Elasticsearch', // without it, Elasticsearch's own clients refuse to go on
      ...headers,
    },
    text: Buffer.from(JSON.stringify(body)),
  };
}

/** Clients of Elasticsearch 8 want to be answered in the form in which they ask. */
function mediaTypeFor({ headers }: IncomingMessage): string {
  const compatible = /^application\/vnd\.elasticsearch\+json; *compatible-with=\d$/.exec(headers.accept ?? '');
  return compatible ? compatible[0] : 'application/json';
}
