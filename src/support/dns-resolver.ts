/**
 * Resolvers that ask the given name servers, or those of the system, without its few threads (getaddrinfo) that silence can block.
 *
 * After silence a resolver asks again, and the next server where there is one; the answer of a server, a failure too, is final for it.
 */
import { promises as dns } from 'node:dns';
import { errnoOf } from './problem.ts';

const PATIENCE = { timeout: 2_000, tries: 2 };
const LEAST_ATTEMPTS = 2;

/** NXDOMAIN, no such record there, and a name that DNS cannot have. */
const SAYING_NONE = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];
/** By which a server says that it cannot or will not answer, and an answer that nobody understands (RFC 1035 4.1.1). */
const FAILING = ['EFORMERR', 'ESERVFAIL', 'ENOTIMP', 'EREFUSED', 'EBADRESP'];
/** Silence, after which every server has been asked already, and the end of a look-up that nobody waits for any more. */
const OVER = ['ETIMEOUT', 'ECANCELLED'];

/**
 * One for each attempt: every server comes first once, since a resolver takes the first failure for an answer.
 *
 * `servers` as in the setting `dns_servers`: ADDR or ADDR:PORT, IPv6 in brackets when a port follows; empty for the system's.
 */
export function dnsResolvers(servers: readonly string[]): dns.Resolver[] {
  const known = dnsResolver(servers).getServers();
  const attempts = Math.max(known.length, LEAST_ATTEMPTS);
  return Array.from({ length: attempts }, (_, attempt) => {
    const first = attempt % Math.max(known.length, 1);
    return dnsResolver([...known.slice(first), ...known.slice(0, first)]);
  });
}

/** Asks by one resolver after the other for as long as servers fail. Rejects as the last one did. */
export async function askInTurn<T>(
  resolvers: readonly dns.Resolver[],
  ask: (resolver: dns.Resolver) => Promise<T>,
): Promise<T> {
  let failure: unknown = new Error('there is no resolver to ask');
  for (const resolver of resolvers) {
    try {
      return await ask(resolver);
    } catch (error) {
      failure = error;
      if (!isServerFailure(error)) break;
    }
  }
  throw failure;
}

/** True when DNS says that there is no such name, or nothing of the kind that was asked for. */
export function saysNone(error: unknown): boolean {
  return SAYING_NONE.includes(errnoOf(error) ?? '');
}

/** True when a server said anything at all. */
export function isAnswer(error: unknown): boolean {
  return saysNone(error) || FAILING.includes(errnoOf(error) ?? '');
}

function isServerFailure(error: unknown): boolean {
  const code = errnoOf(error);
  return code !== undefined && !OVER.includes(code) && !saysNone(error);
}

function dnsResolver(servers: readonly string[]): dns.Resolver {
  const resolver = new dns.Resolver(PATIENCE);
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}
