/**
 * Checks the TLSA records of an MX host: whether senders find them, may believe them, and can use them (RFC 7672 2.2, 3.1).
 */
import { formatTlsa, whyUnusable } from '#tlsrpt/tlsa-record.ts';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';
import type { Finding } from './finding.ts';
import type { SendersView } from './senders-view.ts';
import { withoutAnswer } from './without-answer.ts';

export interface CheckedTlsa {
  readonly findings: readonly Finding[];
  /** By which senders judge the host; empty where DANE does not apply. */
  readonly usable: readonly TlsaRecord[];
}

const MOST_RECORDS = 20;

/** `isHostAuthenticated` says whether DNSSEC confirms the addresses of the host; without that senders do not ask for TLSA records. */
export async function checkTlsaRecords(
  host: string,
  isHostAuthenticated: boolean,
  view: SendersView,
): Promise<CheckedTlsa> {
  const name = `_${String(view.port)}._tcp.${host}`;
  const command = view.commands.digSigned('TLSA', name);
  const answer = await view.names.tlsaRecords(name);
  if (answer.kind !== 'answered') return { findings: [withoutAnswer('tlsa', answer, command, host)], usable: [] };
  const records = answer.records.slice(0, MOST_RECORDS);
  if (records.length === 0) return { findings: [], usable: [] };
  if (!answer.isAuthenticated || !isHostAuthenticated)
    return { findings: [unconfirmed(host, view.isValidating, command)], usable: [] };
  return judge(records, host, command);
}

/** RFC 7672 2.1.1, 2.2.2 */
function unconfirmed(host: string, isValidating: boolean | undefined, command: string): Finding {
  const facts = { about: 'tlsa', host, policyType: 'tlsa', command } as const;
  if (isValidating !== true)
    return {
      ...facts,
      state: 'unknown',
      cause:
        'there are TLSA records, but the name server does not validate DNSSEC, so whether senders may use them is not known; ask one that does (--dns-server)',
    };
  return {
    ...facts,
    state: 'wrong',
    resultType: 'dane-required',
    cause:
      'there are TLSA records, but no DNSSEC for them or for the addresses of the host, so senders do not use them',
  };
}

function judge(records: readonly TlsaRecord[], host: string, command: string): CheckedTlsa {
  const facts = { about: 'tlsa', host, policyType: 'tlsa' } as const;
  const judged = records.map((record) => ({ record, why: whyUnusable(record) }));
  const usable = judged.filter(({ why }) => why === undefined).map(({ record }) => record);
  const unusable = judged.filter(({ why }) => why !== undefined);
  const causes = unusable.map(({ record, why }) => `${formatTlsa(record)}: ${why ?? ''}`);
  if (usable.length === 0) {
    const cause = `senders can use none of the TLSA records (${causes.join('; ')})`;
    return { findings: [{ ...facts, state: 'wrong', resultType: 'tlsa-invalid', cause, command }], usable };
  }
  const good: Finding = { ...facts, state: 'ok', cause: `DNSSEC confirms ${usable.map(formatTlsa).join(', ')}` };
  return {
    findings: [
      good,
      ...causes.map((cause): Finding => ({ ...facts, state: 'note', cause: `senders cannot use ${cause}`, command })),
    ],
    usable,
  };
}
