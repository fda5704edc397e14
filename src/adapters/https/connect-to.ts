/**
 * The operator's own routes: an endpoint that is reached somewhere else than its name says, like curl's --connect-to.
 *
 * Only the TCP connection changes. URL, Host header, server name and certificate check stay those of the endpoint.
 */
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { canonicalIp } from '#tlsrpt/ip-address.ts';

export interface ConnectTo {
  readonly host: string;
  readonly port: number;
  readonly toHost: string;
  readonly toPort: number;
}

const HOST = String.raw`(\[[0-9A-Fa-f:.]+\]|[^:[\]\s/@]+)`;
const PORT = String.raw`(\d{1,5})`;
const CONNECT_TO = new RegExp(`^${HOST}:${PORT}:${HOST}:${PORT}$`);

/** Reads `HOST1:PORT1:HOST2:PORT2`, IPv6 addresses in brackets; undefined for anything else. */
export function parseConnectTo(text: string): ConnectTo | undefined {
  const match = CONNECT_TO.exec(text);
  if (!match) return undefined;
  const [, host = '', port, toHost = '', toPort] = match;
  const route = { host: bareHost(host), port: Number(port), toHost: bareHost(toHost), toPort: Number(toPort) };
  return isPort(route.port) && isPort(route.toPort) ? route : undefined;
}

/** The route for an endpoint, which is named as in a URL; the first one wins. */
export function findRoute(routes: readonly ConnectTo[], host: string, port: number): ConnectTo | undefined {
  const wanted = bareHost(host);
  return routes.find((route) => bareHost(route.host) === wanted && route.port === port);
}

/** A host of a URL as connections and certificates name it: without the brackets of an IPv6 address. */
export function bareHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return canonicalIp(bare) ?? canonicalDomain(bare);
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
