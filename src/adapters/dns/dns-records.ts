/**
 * Looks TLSRPT records up in DNS (RFC 8460 3).
 *
 * What a server says is foreign. A message of DNS has 64 KiB at most; what it holds is passed on as it is, for the reader of records
 * to judge.
 */
import type { TlsrptRecords, TxtAnswer } from '#pipeline/report/tlsrpt-records.ts';
import { askInTurn, dnsResolvers, isAnswer, saysNone } from '#support/dns-resolver.ts';
import { errnoOf } from '#support/problem.ts';

/** Which servers answer for it is what a resolver has to know before anything else. */
const ROOT = '.';

/** `servers` as in the setting `dns_servers`; empty for those of the system. */
export function dnsRecords(servers: readonly string[]): TlsrptRecords {
  const resolvers = dnsResolvers(servers);
  return {
    lookUp: (domain) => answerOf(askInTurn(resolvers, (resolver) => resolver.resolveTxt(`_smtp._tls.${domain}`))), // RFC 8460 3
    probe: () => answerOf(askInTurn(resolvers, (resolver) => resolver.resolveNs(ROOT)).then(() => [])),
  };
}

async function answerOf(txtRecords: Promise<string[][]>): Promise<TxtAnswer> {
  try {
    return { kind: 'answered', txtRecords: await txtRecords };
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    if (saysNone(error)) return { kind: 'answered', txtRecords: [] };
    return { kind: isAnswer(error) ? 'failed' : 'silent', why: code };
  }
}
