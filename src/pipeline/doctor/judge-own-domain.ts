/**
 * Whether something is wrong with what senders see of our own domain; without it nothing is kept from being reported to others.
 */
import { cleanText } from '#tlsrpt/clean-text.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

const { ok, warning } = findingsOf('own-domain');
const MAX_LENGTH = 300;

/** `wrongs`: what `check` says of it, may quote foreign text. */
export function judgeOwnDomain(domain: string, wrongs: readonly string[]): Finding[] {
  const [first, ...others] = wrongs;
  if (first === undefined) return [ok(`Nothing is wrong with what senders see of ${domain}.`)];
  const more = others.length > 0 ? `, and ${String(others.length)} more` : '';
  return [
    warning(
      `Senders find that something is wrong with ${domain}: ${cleanText(first, MAX_LENGTH)}${more}.`,
      `tlsrpt check ${domain}`,
    ),
  ];
}
