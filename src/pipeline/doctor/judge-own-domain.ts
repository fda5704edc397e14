/**
 * Whether something is wrong with what senders see of our own domain; without it nothing is kept from being reported to others.
 */
import { cleanText } from '#tlsrpt/clean-text.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

const { ok, warning } = findingsOf('own-domain');
const MAX_LENGTH = 300;

export interface OwnDomainFacts {
  /** What `check` says of it; may quote foreign text. */
  readonly wrongs: readonly string[];
  /** False when some of what senders see cannot be seen from here. */
  readonly isAllKnown: boolean;
}

export function judgeOwnDomain(domain: string, { wrongs, isAllKnown }: OwnDomainFacts): Finding[] {
  const [first, ...others] = wrongs;
  const fix = `tlsrpt check ${domain}`;
  if (first === undefined && isAllKnown) return [ok(`Nothing is wrong with what senders see of ${domain}.`)];
  if (first === undefined)
    return [
      ok(`Nothing wrong is known of ${domain}, but not all that senders see of it can be seen from here: ${fix}.`),
    ];
  const more = others.length > 0 ? `, and ${String(others.length)} more` : '';
  const what = `Senders find that something is wrong with ${domain}: ${cleanText(first, MAX_LENGTH)}${more}.`;
  return [warning(what, fix)];
}
