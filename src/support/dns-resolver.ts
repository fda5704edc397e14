/**
 * A resolver that asks the given name servers, or those of the system.
 *
 * After silence it asks again, and the next server where there is one; the answer of a server, a failure too, is final for it.
 */
import { promises as dns } from 'node:dns';

const PATIENCE = { timeout: 2_000, tries: 2 };

/** `servers` as in the setting `dns_servers`: ADDR or ADDR:PORT, IPv6 in brackets when a port follows; empty for the system's. */
export function dnsResolver(servers: readonly string[]): dns.Resolver {
  const resolver = new dns.Resolver(PATIENCE);
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}
