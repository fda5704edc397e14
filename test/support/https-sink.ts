/**
 * A real HTTPS server on 127.0.0.1 that records what it is sent and answers as the test says.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface SunkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the client asked for in the handshake, if anything. */
  readonly serverName: string | undefined;
}

export interface HttpsSinkOptions {
  readonly cert: string;
  readonly key: string;
  /** Answers one request; 201 with no body unless given. */
  readonly respond?: (request: SunkRequest, response: ServerResponse) => void;
}

export interface HttpsSink {
  readonly port: number;
  readonly requests: readonly SunkRequest[];
  /** How many connections were made so far. */
  readonly connections: () => number;
  /** Also cuts connections that are still open. */
  close(): Promise<void>;
}

export async function startHttpsSink({ cert, key, respond = created }: HttpsSinkOptions): Promise<HttpsSink> {
  const requests: SunkRequest[] = [];
  const server = createServer({ cert, key }, (incoming, response) => {
    void buffer(incoming).then((body) => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body, serverName: serverNameOf(incoming.socket) };
      requests.push(request);
      respond(request, response);
    });
  });
  let connections = 0;
  server.on('secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function created(_request: SunkRequest, response: ServerResponse): void {
  response.writeHead(201).end();
}

function serverNameOf(socket: Socket): string | undefined {
  return 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined;
}
