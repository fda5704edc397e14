/**
 * An incident as JSON, in the shape that docs/json.md promises: foreign texts are cut, and have nothing that is not to be seen.
 */
import type { Incident, IncidentNews } from '#store/watch-book.ts';
import { showForeign } from '#tlsrpt/plain-lines.ts';

const MAX_NAME_LENGTH = 60;
const MAX_TEXT_LENGTH = 200;
const SECOND_MS = 1_000;

export function incidentJson({ change, atMs, incident }: IncidentNews): Record<string, unknown> {
  const { kind, domain, sinceMs, failed, successful, example, before, wave, silence } = incident;
  return {
    change,
    incident: kind,
    domain: domain === '' ? null : cut(domain),
    since: new Date(sinceMs).toISOString(),
    at: new Date(atMs).toISOString(),
    failed,
    successful,
    example: example ? exampleJson(example) : null,
    before: before ? { days: before.days, successful: before.successful, failed: before.failed } : null,
    wave: wave ? { domains: wave.domains, named: wave.named.map(cut), site: cut(wave.site) } : null,
    silence: silence
      ? {
          usualSeconds: silence.usualMs === undefined ? null : Math.round(silence.usualMs / SECOND_MS),
          collected: silence.isCollected ?? null,
        }
      : null,
  };
}

/** A name on one line. */
export function shown(text: string): string {
  return showForeign(text, MAX_NAME_LENGTH);
}

function exampleJson(example: NonNullable<Incident['example']>): Record<string, unknown> {
  const { resultType, policyType, policyDomain, sendingMtaIp, receivingMxHostname, receivingIp } = example;
  const { failureReasonCode: reasonCode, additionalInformation } = example;
  const texts = { resultType, policyType, policyDomain, sendingMtaIp, receivingMxHostname, receivingIp };
  const all = { ...texts, reasonCode, additionalInformation };
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, cut(text)]));
}

function cut(text: string | undefined): string | null {
  return text === undefined ? null : showForeign(text, MAX_TEXT_LENGTH);
}
