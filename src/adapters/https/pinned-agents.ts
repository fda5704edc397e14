/**
 * Agents that each connect to one checked destination, whatever name the request carries, and keep their connections for more reports.
 *
 * Server name and certificate check are those of the URL. An agent is used again only for the same name, port and addresses, so a
 * connection that is kept leads to an address that was checked, and that the name still has.
 */
import { Agent } from 'node:https';
import type { AgentOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { checkServerIdentity, createSecureContext, rootCertificates, TLSSocket, type SecureContext } from 'node:tls';
import { bareHost } from './connect-to.ts';
import type { Destination } from './find-destination.ts';
import type { HttpsOptions } from './https-options.ts';
import { TunnelAgent } from './tunnel-agent.ts';

/** Before the next address of a host is tried; the 250 ms that Node waits is short for a distant server. */
const ADDRESS_PATIENCE_MS = 2_000;
/** So many keep connections; beyond them those that nobody uses are closed, the longest unused first. */
const MAX_AGENTS = 100;

export class PinnedAgents {
  readonly #trust: SecureContext;
  readonly #anyCertificate: boolean;
  readonly #timeoutMs: number;
  /** The one used last stands last. */
  readonly #agents = new Map<string, Agent>();

  constructor({ ca, anyCertificate, timeoutMs }: Pick<HttpsOptions, 'ca' | 'anyCertificate' | 'timeoutMs'>) {
    this.#trust = trustContext(ca);
    this.#anyCertificate = anyCertificate;
    this.#timeoutMs = timeoutMs;
  }

  agentFor(url: URL, destination: Destination): Agent {
    const key = JSON.stringify([url.hostname, destination]);
    const agent = this.#agents.get(key) ?? this.#newAgent(bareHost(url.hostname), destination);
    this.#agents.delete(key);
    this.#agents.set(key, agent);
    this.#closeIdle();
    return agent;
  }

  /** Whether something is under way to an endpoint that has shown who it is, so that what is sent to it may have arrived. */
  get mayHaveSent(): boolean {
    return [...this.#agents.values()].some(isTalking);
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #newAgent(name: string, destination: Destination): Agent {
    const { host, port, proxy } = destination;
    const options = { ...this.#tlsOptions(name), keepAlive: true };
    if (proxy)
      return new TunnelAgent({ proxy, endpoint: endpointOf(destination), timeoutMs: this.#timeoutMs }, options);
    return new Agent({
      ...options,
      host,
      port,
      lookup: answerWith(destination),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_PATIENCE_MS,
    });
  }

  #tlsOptions(name: string): AgentOptions {
    return {
      // RFC 6066 3: an address is no server name.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      secureContext: this.#trust,
      rejectUnauthorized: !this.#anyCertificate, // RFC 8460 3
    };
  }

  #closeIdle(): void {
    for (const [key, agent] of this.#agents) {
      if (this.#agents.size <= MAX_AGENTS) return;
      if (!isIdle(agent)) continue;
      agent.destroy();
      this.#agents.delete(key);
    }
  }
}

function endpointOf({ host, port }: Destination): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}

function isIdle({ sockets, requests }: Agent): boolean {
  return Object.keys(sockets).length === 0 && Object.keys(requests).length === 0;
}

function isTalking({ sockets }: Agent): boolean {
  const used = Object.values(sockets).flatMap((each = []) => each);
  return used.some((socket) => socket instanceof TLSSocket && socket.authorized);
}

/** True when it has a connection from earlier that nobody uses. */
export function keepsConnections({ freeSockets }: Agent): boolean {
  return Object.values(freeSockets).some((sockets = []) => sockets.length > 0);
}

export function closeKept({ freeSockets }: Agent): void {
  for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

function answerWith({ addresses }: Destination): LookupFunction {
  return (_host, { all }, answer) => {
    if (all === true) answer(null, [...addresses]);
    else answer(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
}

/** Made once, since reading the roots takes longer than a handshake. */
function trustContext(ca: string | undefined): SecureContext {
  return ca === undefined ? createSecureContext() : createSecureContext({ ca: [...rootCertificates, ca] });
}
