/**
 * Checks one MX host: its addresses, its TLSA records, and what the server at each of its addresses shows.
 */
import type { StsPolicy } from '#tlsrpt/sts-policy.ts';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';
import { checkTlsaRecords } from './check-tlsa-records.ts';
import type { Finding } from './finding.ts';
import { judgeVisit } from './judge-visit.ts';
import type { SendersView } from './senders-view.ts';
import { withoutAnswer } from './without-answer.ts';

/** What the domain wants of its hosts. */
export interface Demands {
  readonly domain: string;
  readonly policy: StsPolicy | undefined;
}

export interface CheckedHost {
  readonly findings: readonly Finding[];
  /** Whether senders judge it by TLSA records; doubtful where there are such that they do not use, or nobody knows. */
  readonly dane: 'applies' | 'none' | 'doubtful';
}

const MOST_ADDRESSES = 4;

/** `host` is in its canonical form, and usable. */
export async function checkMailHost(host: string, demands: Demands, view: SendersView): Promise<CheckedHost> {
  const answer = await view.names.addresses(host);
  const command = view.commands.digSigned('A', host);
  if (answer.kind !== 'answered') return { findings: [withoutAnswer('mx', answer, command, host)], dane: 'doubtful' };
  const { records: addresses, isAuthenticated, isAlias } = answer;
  if (addresses.length === 0)
    return {
      findings: [{ about: 'mx', state: 'wrong', host, cause: 'the host has no address', command }],
      dane: 'doubtful',
    };
  const tlsa = await checkTlsaRecords(host, isAuthenticated, view);
  const visits = await visitAddresses(host, { ...demands, records: tlsa.usable, addresses }, view);
  return {
    findings: [...(isAlias ? [aliasFinding(host, command)] : []), ...tlsa.findings, ...visits],
    dane: tlsa.usable.length > 0 ? 'applies' : tlsa.findings.length > 0 ? 'doubtful' : 'none',
  };
}

/** RFC 5321 5.1, RFC 2181 10.3 */
function aliasFinding(host: string, command: string): Finding {
  return {
    about: 'mx',
    state: 'note',
    host,
    cause: 'the name of the host is an alias (CNAME), which MX records must not name',
    command,
  };
}

interface HostFacts extends Demands {
  readonly records: readonly TlsaRecord[];
  readonly addresses: readonly string[];
}

/** Once for all addresses where they show the same, else for each. */
async function visitAddresses(host: string, facts: HostFacts, view: SendersView): Promise<readonly Finding[]> {
  const { domain, policy, records } = facts;
  const visits = await Promise.all(
    facts.addresses.slice(0, MOST_ADDRESSES).map(async (address) => {
      const visit = await view.mailHosts.visit({ address, port: view.port, host });
      const judge = (at: string | undefined): readonly Finding[] =>
        judgeVisit(visit, {
          host,
          domain,
          policy,
          records,
          nowMs: view.nowMs,
          command: view.commands.openssl(host, { address: at, port: view.port }),
        });
      return { address, isReached: visit.kind !== 'unreachable', judge };
    }),
  );
  // What has another way in tells as much of the host as a sender needs; this machine may lack IPv6.
  const reached = visits.filter(({ isReached }) => isReached);
  const told = reached.length > 0 ? reached : visits.slice(0, 1);
  const texts = new Set(told.map(({ judge }) => JSON.stringify(judge(undefined))));
  if (texts.size === 1) return told[0]?.judge(undefined) ?? [];
  return told.flatMap(({ address, judge }) => judge(address).map((finding) => ({ ...finding, address })));
}
