/**
 * Checks the MTA-STS record of a domain and the policy that it announces (RFC 8461 3).
 */
import { readStsPolicy } from '#tlsrpt/sts-policy.ts';
import type { PolicyMistake, StsPolicy } from '#tlsrpt/sts-policy.ts';
import { readStsRecord, selectStsRecord } from '#tlsrpt/sts-record.ts';
import type { StsRecordReading } from '#tlsrpt/sts-record.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';
import type { Finding } from './finding.ts';
import type { SendersView } from './senders-view.ts';
import { withoutAnswer } from './without-answer.ts';

export interface CheckedPolicy {
  readonly findings: readonly Finding[];
  /** What senders go by; undefined where there is none that they can use. */
  readonly policy?: StsPolicy;
  /** True when the domain announces none. */
  readonly isKnownToBeAbsent: boolean;
}

const MOST_MISTAKES = 5;
const SECONDS_A_DAY = 86_400;
const TEXT_PLAIN = /^text\/plain\s*(;|$)/i;

export async function checkStsPolicy(domain: string, view: SendersView): Promise<CheckedPolicy> {
  const name = `_mta-sts.${domain}`;
  const answer = await view.names.texts(name);
  if (answer.kind !== 'answered') {
    const finding = withoutAnswer('sts-record', answer, view.commands.digSigned('TXT', name));
    return { findings: [finding], isKnownToBeAbsent: false };
  }
  const selection = selectStsRecord(answer.records);
  if (selection.kind === 'none') return { findings: [noRecord], isKnownToBeAbsent: true };
  const command = view.commands.dig('TXT', name);
  if (selection.kind === 'several') {
    const cause = `there are ${String(selection.records.length)}, and with more than one senders use none`;
    return { findings: [{ about: 'sts-record', state: 'wrong', cause, command }], isKnownToBeAbsent: false };
  }
  const record = recordFinding(readStsRecord(selection.record), command);
  const { findings, policy } = record.state === 'ok' ? await checkPolicy(domain, view) : { findings: [] };
  return { findings: [record, ...findings], ...(policy ? { policy } : {}), isKnownToBeAbsent: false };
}

const noRecord: Finding = { about: 'sts-record', state: 'note', cause: 'there is none, so no MTA-STS' };

function recordFinding(reading: StsRecordReading, command: string): Finding {
  if (reading.kind === 'record') return { about: 'sts-record', state: 'ok', cause: `id ${reading.id}` };
  const { why, place } = reading;
  return { about: 'sts-record', state: 'wrong', cause: `${why}, so senders look for no policy`, place, command };
}

async function checkPolicy(
  domain: string,
  { policies, commands }: SendersView,
): Promise<Omit<CheckedPolicy, 'isKnownToBeAbsent'>> {
  const url = new URL(`https://mta-sts.${domain}/.well-known/mta-sts.txt`);
  const wrong = (resultType: KnownResultType, { why, place }: PolicyMistake): Finding => {
    return {
      about: 'sts-policy',
      state: 'wrong',
      policyType: 'sts',
      resultType,
      cause: why,
      place,
      command: commands.curl(url),
    };
  };
  const fetched = await policies.fetch(url);
  if (fetched.kind === 'failed') return { findings: [wrong('sts-policy-fetch-error', fetched)] };
  if (fetched.kind === 'certificate-invalid') return { findings: [wrong('sts-webpki-invalid', fetched)] };
  const { contentType = 'none' } = fetched;
  // RFC 8461 3.3: who lets others store pages there would let them store policies.
  const ofType = TEXT_PLAIN.test(contentType)
    ? []
    : [wrong('sts-policy-invalid', { why: `its content type is ${contentType}, not text/plain` })];
  const reading = readStsPolicy(fetched.text);
  if (reading.kind === 'policy')
    return { findings: [...ofType, policyFinding(reading.policy)], policy: reading.policy };
  const mistakes = reading.mistakes.slice(0, MOST_MISTAKES).map((mistake) => wrong('sts-policy-invalid', mistake));
  return { findings: [...ofType, ...mistakes] };
}

function policyFinding({ mode, maxAgeSeconds }: StsPolicy): Finding {
  const days = `${(maxAgeSeconds / SECONDS_A_DAY).toFixed(maxAgeSeconds < SECONDS_A_DAY ? 2 : 0)} days`;
  const facts = { about: 'sts-policy', policyType: 'sts' } as const;
  if (mode === 'none') return { ...facts, state: 'note', cause: `mode none: as if there were no policy, for ${days}` };
  return { ...facts, state: 'ok', cause: `mode ${mode}, for ${days}` };
}
