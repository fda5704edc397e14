/**
 * What it means that DNS gives no answer to rely on.
 */
import type { DnsAnswer } from './name-service.ts';
import type { Finding, Subject } from './finding.ts';

type WithoutAnswer = Exclude<DnsAnswer<unknown>, { kind: 'answered' }>;

export function withoutAnswer(about: Subject, answer: WithoutAnswer, command: string, host?: string): Finding {
  if (answer.kind === 'unanswered')
    return { about, state: 'unknown', host, cause: `the name servers do not answer (${answer.why})`, command };
  return {
    about,
    state: 'wrong',
    host,
    // RFC 8460 4.3.2.1: of DANE; who looks for a record finds none.
    ...(isOfDane(about) ? { resultType: 'dnssec-invalid', policyType: 'tlsa' } : {}),
    cause: 'DNSSEC does not confirm the answer: the name server gives it only to who asks without checks (+cd)',
    command,
  };
}

function isOfDane(about: Subject): boolean {
  return about === 'mx' || about === 'tlsa';
}
