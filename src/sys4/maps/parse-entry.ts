/**
 * One entry of a destination map: `PATTERN ACTION [ARGUMENTS]`.
 *
 * PATTERN is `example.com`, `.example.com` (any subdomain), `.` (everything) or `regexp:EXPRESSION`; `domain:` may stand before the first
 * three. A domain is held against the domain of what is asked about, an expression against the whole of it, from its start. Expressions have
 * Python's syntax, since administrators bring their maps along.
 */
import type { MapEntry } from '#pipeline/report/map-destinations.ts';
import { readPythonPattern } from '#support/python/pattern.ts';
import { matcherOf } from '#support/python/substitution.ts';
import { canonicalDomain, isDnsName } from '#tlsrpt/domain-name.ts';
import { malformed, parseAction } from './parse-action.ts';
import type { Malformed } from './parse-action.ts';

export type EntryReading = { readonly kind: 'entry'; readonly entry: Omit<MapEntry, 'where' | 'text'> } | Malformed;

export function parseEntry(text: string): EntryReading {
  const [pattern = '', action = '', ...words] = text.split(/\s+/);
  const matching = parseMatching(pattern);
  if (matching.kind === 'malformed') return matching;
  const rewriting = parseAction(action, words);
  if (rewriting.kind === 'malformed') return rewriting;
  const { rewrite } = rewriting;
  return { kind: 'entry', entry: { matches: matching.matches, action: rewriting.action, rewrite } };
}

type MatchingReading = { readonly kind: 'matching'; readonly matches: MapEntry['matches'] } | Malformed;

function parseMatching(pattern: string): MatchingReading {
  const [, type = 'domain', rest = ''] = /^(?:([a-z]+):)?(.*)$/.exec(pattern) ?? [];
  switch (type) {
    case 'domain':
      return parseDomain(rest);
    case 'regexp':
      return parseExpression(rest);
    default:
      return malformed(`a pattern begins with domain: or regexp:, not with ${type}:`);
  }
}

function parseDomain(pattern: string): MatchingReading {
  if (pattern === '.') return { kind: 'matching', matches: () => true };
  const domain = canonicalDomain(pattern.replace(/^\./, ''));
  if (!isDnsName(domain)) return malformed(`${pattern} is no domain name`);
  return pattern.startsWith('.')
    ? { kind: 'matching', matches: (subject) => subject.domain.endsWith(`.${domain}`) }
    : { kind: 'matching', matches: (subject) => subject.domain === domain };
}

function parseExpression(expression: string): MatchingReading {
  if (expression === '') return malformed('regexp: has no expression behind it');
  const reading = readPythonPattern(expression);
  if (reading.kind === 'refused') return malformed(`the expression ${expression} cannot be used: ${reading.why}`);
  const matches = matcherOf(reading.pattern);
  return { kind: 'matching', matches: ({ text }) => matches(text) };
}
