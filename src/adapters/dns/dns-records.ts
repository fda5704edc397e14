/**
 * Looks TLSRPT records up in DNS (RFC 8460 3).
 *
 * What a server says is foreign. A message of DNS has 64 KiB at most; what it holds is passed on as it is, for the reader of records
 * to judge.
 */
import type { promises } from 'node:dns';
import type { TlsrptRecords, TxtAnswer } from '#pipeline/report/tlsrpt-records.ts';
import { dnsResolver } from '#support/dns-resolver.ts';
import { errnoOf } from '#support/problem.ts';

type Resolver = promises.Resolver;

/** NXDOMAIN, no TXT record there, and a name that DNS cannot have. */
const SAYING_NONE = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];
/** After it every server has been asked already. */
const SILENCE = 'ETIMEOUT';
const LEAST_ATTEMPTS = 2;

/** `servers` as in the setting `dns_servers`; empty for those of the system. */
export function dnsRecords(servers: readonly string[]): TlsrptRecords {
  const resolvers = resolversOf(servers);
  return {
    lookUp: async (domain) => {
      let answer: TxtAnswer = { kind: 'unknown', why: SILENCE };
      for (const resolver of resolvers) {
        answer = await ask(resolver, `_smtp._tls.${domain}`); // RFC 8460 3
        if (answer.kind === 'answered' || answer.why === SILENCE) break;
      }
      return answer;
    },
  };
}

/** One for each attempt: every server comes first once, since a resolver takes the first failure for an answer. */
function resolversOf(servers: readonly string[]): Resolver[] {
  const known = dnsResolver(servers).getServers();
  const attempts = Math.max(known.length, LEAST_ATTEMPTS);
  return Array.from({ length: attempts }, (_, attempt) => {
    const first = attempt % Math.max(known.length, 1);
    return dnsResolver([...known.slice(first), ...known.slice(0, first)]);
  });
}

async function ask(resolver: Resolver, name: string): Promise<TxtAnswer> {
  try {
    return { kind: 'answered', txtRecords: await resolver.resolveTxt(name) };
  } catch (error) {
    return withoutTexts(errnoOf(error), error);
  }
}

function withoutTexts(code: string | undefined, error: unknown): TxtAnswer {
  if (code === undefined) throw error;
  return SAYING_NONE.includes(code) ? { kind: 'answered', txtRecords: [] } : { kind: 'unknown', why: code };
}
