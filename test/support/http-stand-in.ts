/**
 * An HTTP server on 127.0.0.1 that answers as the test says, in place of a search engine that misbehaves.
 */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface StandInRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpStandIn {
  readonly url: URL;
  readonly requests: readonly StandInRequest[];
}

/** Closed when the test is over. */
export async function startHttpStandIn(
  respond: (request: StandInRequest, response: ServerResponse, number: number) => void,
): Promise<HttpStandIn> {
  const requests: StandInRequest[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body };
      respond(request, response, requests.push(request));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${String(port)}`), requests };
}
