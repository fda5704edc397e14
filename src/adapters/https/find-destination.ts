/**
 * Decides to which addresses the request for a URL may connect.
 *
 * The one lookup of an attempt happens here, and the connection is made to what it found and nothing else: a name that answers
 * differently a moment later (DNS rebinding) gains nothing. A route of the operator is not a stranger's choice, so it is not checked.
 *
 * RFC 8460 7 (the reporting address is chosen by the receiving side).
 */
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { bareHost, findRoute } from './connect-to.ts';
import { specialRange } from './destination-guard.ts';
import type { HttpsOptions, HttpsProxy } from './https-options.ts';
import { lookUpHost, lookUpOwnHost } from './look-up-host.ts';
import { networkTrouble } from './network-trouble.ts';

export interface Destination {
  readonly kind: 'reachable';
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly LookupAddress[];
  /** What leads there; undefined for a connection of our own to one of the addresses. */
  readonly proxy?: HttpsProxy;
}

const HTTPS_PORT = 443;
const LOOPBACK = '127.0.0.1';

export async function findDestination(
  url: URL,
  options: HttpsOptions,
  signal: AbortSignal,
): Promise<Destination | DeliveryOutcome> {
  const endpoint = { host: bareHost(url.hostname), port: url.port === '' ? HTTPS_PORT : Number(url.port) };
  const route = findRoute(options.connectTo, endpoint.host, endpoint.port);
  if (options.proxy && !route) return throughProxy(endpoint, options.proxy, options);
  const { host, port } = route ? { host: route.toHost, port: route.toPort } : endpoint;
  try {
    const lookUp = route ? lookUpOwnHost : lookUpHost;
    const addresses = await lookUp(host, options.dnsServers, signal);
    const isTrusted = route !== undefined || options.allowPrivateDestinations;
    const found: Destination = { kind: 'reachable', host, port, addresses };
    return isTrusted ? found : publicDestination(found, options.ownAddresses());
  } catch (error) {
    return networkTrouble(host, error, signal);
  }
}

/** The proxy looks names up and decides what may be reached; an address in the URL is ours to judge. */
function throughProxy(
  endpoint: Pick<Destination, 'host' | 'port'>,
  proxy: HttpsProxy,
  { allowPrivateDestinations, ownAddresses }: HttpsOptions,
): Destination | DeliveryOutcome {
  const address = isLocalhost(endpoint.host) ? LOOPBACK : endpoint.host;
  const family = isIP(address);
  const found: Destination = { kind: 'reachable', ...endpoint, addresses: [{ address, family }], proxy };
  return allowPrivateDestinations || family === 0 ? found : publicDestination(found, ownAddresses());
}

const MAX_NAMED_ADDRESSES = 4;

function publicDestination(found: Destination, ownAddresses: readonly string[]): Destination | DeliveryOutcome {
  const rated = found.addresses.map((at) => ({ at, range: specialRange(at.address, ownAddresses) }));
  const addresses = rated.filter(({ range }) => range === undefined).map(({ at }) => at);
  if (addresses.length > 0) return { ...found, addresses };
  const named = rated.slice(0, MAX_NAMED_ADDRESSES).map(({ at, range }) => `${at.address} (${String(range)})`);
  return notContacted(found.host, named.join(', '));
}

/** What DNS says may change, and may be wrong for a while; what the URL itself says is final. */
function notContacted(host: string, named: string): DeliveryOutcome {
  if (isIP(host) !== 0) return { kind: 'refused', reply: `not contacted: ${named} is not a public address` };
  const reply = `not contacted: ${host} has no public address, only ${named}`;
  return { kind: isLocalhost(host) ? 'refused' : 'deferred', reply };
}

/** RFC 6761 6.3: no DNS makes these names mean another machine. */
function isLocalhost(host: string): boolean {
  return /(^|\.)localhost$/.test(host);
}
