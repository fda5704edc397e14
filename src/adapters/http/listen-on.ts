/**
 * Where a server of HTTP listens, in plain text or with TLS.
 *
 * Problems: http-not-listening.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';

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

export type HttpServer = Server | TlsServer;

/** No port or address would help. */
const NO_NETWORK =
  'Either this machine has no addresses of that kind, or the systemd unit of this service lets it have none (RestrictAddressFamilies=): ' +
  '"With systemd" in docs/http.md says what to change.';
const TLS_LIMITS = { handshakeTimeout: 10_000, minVersion: 'TLSv1.2' } as const;

export function newServer(limits: ServerOptions, identity: ServerIdentity | undefined): HttpServer {
  return identity ? createTlsServer({ ...limits, ...TLS_LIMITS, ...identity }) : createServer(limits);
}

/** For connections that come from now on. Whether there is TLS stays as it is. */
export function renewIdentity(server: HttpServer, identity: ServerIdentity | undefined): void {
  if (identity && 'setSecureContext' in server) server.setSecureContext({ ...identity, ...TLS_LIMITS });
}

/** Returns where it is, with the port that it got. `setting`: what names the address. */
export async function listenOn(server: HttpServer, address: ListenAddress, setting: string): Promise<string> {
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (error) {
    throw new Problem(
      'http-not-listening',
      `Nothing can listen on ${textOfAddress(address)}: ${messageOf(error)}. ${errnoOf(error) === 'EAFNOSUPPORT' ? NO_NETWORK : remedyFor(setting)}`,
    );
  }
  server.on('error', () => undefined); // of a connection that could not be accepted; the next may be
  const bound = server.address();
  return textOfAddress({ ...address, port: typeof bound === 'object' && bound ? bound.port : address.port });
}

function remedyFor(setting: string): string {
  return `Set ${setting} to an address of this machine, and a port that is free and may be used.`;
}

export function isLoopback({ host }: ListenAddress): boolean {
  return /^(?:::ffff:)?127\./.test(host) || host === '::1';
}

export function textOfAddress({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}
