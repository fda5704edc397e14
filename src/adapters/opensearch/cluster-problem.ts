/**
 * What a search engine has against a request, as a problem that ends the work with it.
 */
import { Problem } from '#support/problem.ts';
import { EngineFailure } from './engine-failure.ts';

/** `ask`, whose failures are problems; `name` says where the engine is, and `what` what it was asked for. */
export async function asProblem<T>(
  { name, what }: { readonly name: string; readonly what: string },
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof EngineFailure ? problemOf(error, name, what) : error;
  }
}

function problemOf(failure: EngineFailure, name: string, what: string): Problem {
  const { kind, message } = failure;
  return kind === 'unreachable'
    ? new Problem('cluster-unreachable', `${name} cannot be reached: ${message}.`, { cause: failure })
    : new Problem('cluster-refused', `${name} does not take ${what}: ${message}.`, { cause: failure });
}
