/**
 * Finds the addresses of a host: of an address itself, from the operator's DNS servers, or as the system resolves names.
 *
 * Rejects with the resolver's error, or when the signal aborts: a lookup cannot be stopped, but nobody has to wait for it.
 */
import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { dnsResolver } from '#support/dns-resolver.ts';

/** `host` has no brackets; `dnsServers` as in HttpsOptions. The list is never empty. */
export async function lookUpHost(
  host: string,
  dnsServers: readonly string[],
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  // DNS does not know localhost (RFC 6761 6.3).
  if (dnsServers.length > 0 && host !== 'localhost') return askServers(host, dnsServers, signal);
  return unlessAborted(dns.lookup(host, { all: true }), signal);
}

async function askServers(
  host: string,
  dnsServers: readonly string[],
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const resolver = dnsResolver(dnsServers);
  try {
    return await unlessAborted(askForBothFamilies(resolver, host), signal);
  } finally {
    resolver.cancel();
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
