/**
 * An agent whose connections lead through the operator's HTTP proxy: CONNECT to the endpoint (RFC 9110 9.3.6), then TLS with the endpoint itself.
 *
 * The proxy looks the name up and decides what may be reached. It sees host and port, and nothing of the report; what it is told to let us
 * through (RFC 7617 2) is said to it alone.
 */
import { request } from 'node:http';
import { Agent } from 'node:https';
import type { AgentOptions, RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { messageOf } from '#support/problem.ts';
import type { HttpsProxy } from './https-options.ts';

export interface TunnelOptions {
  readonly proxy: HttpsProxy;
  /** The endpoint, `HOST:PORT`, an IPv6 address in brackets. */
  readonly endpoint: string;
  /** For the answer of the proxy. */
  readonly timeoutMs: number;
}

type Answer = (error: Error | null, stream?: Duplex) => void;

export class TunnelAgent extends Agent {
  readonly #tunnel: TunnelOptions;

  constructor(tunnel: TunnelOptions, options: AgentOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(options: RequestOptions, answer: Answer): undefined {
    openTunnel(this.#tunnel).then(
      (socket) => {
        const throughTunnel = { ...options, socket };
        answer(null, super.createConnection(throughTunnel) ?? undefined);
      },
      (error: unknown) => {
        answer(new Error(`the proxy ${this.#tunnel.proxy.url.host}: ${messageOf(error)}`, { cause: error }));
      },
    );
    return undefined;
  }
}

function openTunnel({ proxy, endpoint, timeoutMs }: TunnelOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const headers = { Host: endpoint, ...authorization(proxy) };
    const asking = request(proxy.url, { method: 'CONNECT', path: endpoint, headers, timeout: timeoutMs, agent: false });
    asking.on('connect', ({ statusCode = 0, statusMessage = '' }, socket) => {
      if (statusCode >= 200 && statusCode <= 299) {
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`HTTP ${String(statusCode)} ${statusMessage}`.trim()));
      }
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer in time (ETIMEDOUT)')));
    asking.on('error', reject);
    asking.end();
  });
}

function authorization({ login }: HttpsProxy): Readonly<Record<string, string>> {
  if (!login) return {};
  const pair = Buffer.from(`${login.user}:${login.password}`, 'utf8');
  return { 'Proxy-Authorization': `Basic ${pair.toString('base64')}` };
}
