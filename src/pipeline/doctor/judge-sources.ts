/**
 * Whether every source of fetch can be read now.
 */
import { cleanText } from '#tlsrpt/clean-text.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface TriedSource {
  readonly name: string;
  readonly outcome:
    | { readonly kind: 'readable' }
    /** Worth another try. */
    | { readonly kind: 'unreachable'; readonly why: string }
    /** Stays so until somebody follows the advice. */
    | { readonly kind: 'refused'; readonly why: string; readonly advice: string };
}

const { ok, broken } = findingsOf('sources');
const MAX_LENGTH = 300;

export function judgeSources(sources: readonly TriedSource[]): Finding[] {
  return sources.map(judgeSource);
}

function judgeSource({ name, outcome }: TriedSource): Finding {
  switch (outcome.kind) {
    case 'readable':
      return ok(`${name} can be read.`);
    case 'unreachable':
      return broken(
        `${name} cannot be reached: ${cleanText(outcome.why, MAX_LENGTH)}.`,
        'see whether that host is up and can be reached from here as the owner of the state directory, or change fetch.sources',
      );
    case 'refused':
      return broken(
        `${name} cannot be read: ${cleanText(outcome.why, MAX_LENGTH)}.`,
        cleanText(outcome.advice, MAX_LENGTH),
      );
  }
}
