/**
 * Finds the addresses of a host: of an address itself, from name servers, or as the system resolves names.
 *
 * A stranger's host is looked up in DNS alone. Node.js asks the system on one of four threads, which read files and compress as well, so a few
 * names that nobody answers for would keep all else waiting; and what the system knows besides DNS does not concern strangers.
 * Rejects with the resolver's error, or when the signal aborts.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { askInTurn, dnsResolvers } from '#support/dns-resolver.ts';

/** `host` has no brackets; `dnsServers` as in HttpsOptions. The list is never empty. */
export async function lookUpHost(
  host: string,
  dnsServers: readonly string[],
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  // DNS does not know localhost (RFC 6761 6.3).
  return host === 'localhost' ? askSystem(host, signal) : askServers(host, dnsServers, signal);
}

/** The same for a host that the operator chose: without servers of the operator, what the system knows counts. */
export async function lookUpOwnHost(
  host: string,
  dnsServers: readonly string[],
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const isForSystem = dnsServers.length === 0 && isIP(host) === 0;
  return isForSystem ? askSystem(host, signal) : lookUpHost(host, dnsServers, signal);
}

/** This look-up cannot be stopped, but nobody has to wait for it. */
function askSystem(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  return unlessAborted(dns.lookup(host, { all: true }), signal);
}

async function askServers(
  host: string,
  dnsServers: readonly string[],
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const resolvers = dnsResolvers(dnsServers);
  const asked = askInTurn(resolvers, (resolver) => askForBothFamilies(resolver, host));
  try {
    return await unlessAborted(asked, signal);
  } finally {
    for (const resolver of resolvers) resolver.cancel();
  }
}

async function askForBothFamilies(resolver: dns.Resolver, host: string): Promise<readonly LookupAddress[]> {
  const [ipv6, ipv4] = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
  const addresses = [...withFamily(ipv6, 6), ...withFamily(ipv4, 4)];
  if (addresses.length === 0) throw moreTelling(ipv6, ipv4);
  return addresses;
}

function withFamily(answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}

/** ENODATA of one family says nothing when the other could not be asked. */
function moreTelling(...answers: PromiseSettledResult<string[]>[]): Error {
  const errors = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as Error & { code?: string }] : [],
  );
  return errors.find(({ code }) => code !== 'ENODATA') ?? errors[0] ?? new Error('no address');
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new Error('aborted'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}
