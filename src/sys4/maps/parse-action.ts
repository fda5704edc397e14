/**
 * What an entry of a destination map does with the addresses: ACCEPT, DISCARD, REPLACE URI..., APPEND URI..., REGEXP PATTERN SUBSTITUTION.
 *
 * REGEXP works on each address that the map sees on its own. Strangers choose these; none is longer than a URI of a record may be
 * (tlsrpt/reporting-address.ts). One that becomes several, separated by commas, is a list.
 */
import type { MapAction, MapEntry } from '#pipeline/report/map-destinations.ts';
import { readPythonPattern } from '#support/python/pattern.ts';
import { readSubstitution } from '#support/python/substitution.ts';
import { readDestination } from '#tlsrpt/destination.ts';

export interface Malformed {
  readonly kind: 'malformed';
  readonly why: string;
}

type Rewrite = MapEntry['rewrite'];

type ActionReading = { readonly kind: 'action'; readonly action: MapAction; readonly rewrite: Rewrite } | Malformed;

export function parseAction(word: string, words: readonly string[]): ActionReading {
  switch (word) {
    case 'ACCEPT':
      return words.length > 0 ? tooMuch(word) : { kind: 'action', action: word, rewrite: (uris) => uris };
    case 'DISCARD':
      return words.length > 0 ? tooMuch(word) : { kind: 'action', action: word, rewrite: () => [] };
    case 'REPLACE':
      return withUris(word, words, (given) => () => given);
    case 'APPEND':
      return withUris(word, words, (given) => (uris) => [...uris, ...given]);
    case 'REGEXP':
      return parseRegexp(words);
    case '':
      return malformed('there is no action behind the pattern');
    default:
      return malformed(`${word} is none of the actions ACCEPT, DISCARD, REPLACE, APPEND and REGEXP`);
  }
}

function withUris(
  action: 'REPLACE' | 'APPEND',
  words: readonly string[],
  rewriteWith: (given: readonly string[]) => Rewrite,
): ActionReading {
  const given = words.flatMap(listed);
  if (given.length === 0) return malformed(`${action} needs a URI: mailto:, https: or directory:`);
  for (const reading of given.map(readDestination))
    if (reading.kind === 'unusable') return malformed(`${reading.uri} cannot be used: ${reading.why}`);
  return { kind: 'action', action, rewrite: rewriteWith(given) };
}

function parseRegexp([expression = '', template, ...others]: readonly string[]): ActionReading {
  if (template === undefined || others.length > 0)
    return malformed('REGEXP takes a pattern and a substitution, both without blanks');
  const pattern = readPythonPattern(expression);
  if (pattern.kind === 'refused') return malformed(`the pattern ${expression} cannot be used: ${pattern.why}`);
  const substitution = readSubstitution(pattern.pattern, template);
  if (substitution.kind === 'refused')
    return malformed(`the substitution ${template} cannot be used: ${substitution.why}`);
  const rewrite: Rewrite = (uris) => uris.map(substitution.substitute).flatMap(listed);
  return { kind: 'action', action: 'REGEXP', rewrite };
}

function listed(uris: string): string[] {
  return uris
    .split(',')
    .map((uri) => uri.trim())
    .filter((uri) => uri !== '');
}

function tooMuch(action: string): Malformed {
  return malformed(`${action} takes no arguments`);
}

export function malformed(why: string): Malformed {
  return { kind: 'malformed', why };
}
