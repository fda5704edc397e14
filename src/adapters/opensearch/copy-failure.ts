/**
 * What a search engine has against a request, in the words of fetch.
 */
import type { CopyFailure } from '#pipeline/fetch/state-source.ts';
import type { EngineFailure } from './engine-failure.ts';

const ADVICE = 'See whether the settings under [cluster], and the rights of that user, are what the engine wants.';

export function copyFailure({ kind, message: why }: EngineFailure): CopyFailure {
  return kind === 'unreachable' ? { kind, why } : { kind, why, advice: ADVICE };
}
