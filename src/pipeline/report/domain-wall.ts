/**
 * The wall around a domain: whatever fails while its reports are planned, built or stored withholds these alone.
 *
 * What fails there was not foreseen, so it is a bug and is told as one, unless what is stored of the domain is damaged; the outbox keeps
 * why, for `status`. What was built earlier stays.
 * Problems, told and not thrown: internal-error, store-damaged.
 */
import type { Withheld } from '#store/outbox-entries.ts';
import { containFailure } from '#support/contain-failure.ts';
import { containProblemOfOne } from '#support/contain-problem.ts';
import { messageOf, Problem } from '#support/problem.ts';

/** Called for a domain whose reports are withheld because they could not be built; the others go on. */
export type DomainFailed = (problem: Problem) => void;

const MAX_DETAIL_LENGTH = 500;

export interface DomainWork<T> {
  readonly policyDomain: string;
  readonly build: () => T;
  /** What there is in place of what was to be built. */
  readonly withhold: (withheld: Withheld) => T;
}

export function withinDomain<T>({ policyDomain, build, withhold }: DomainWork<T>, failed: DomainFailed): T {
  const unlessDamaged = (): T =>
    containProblemOfOne(build, (problem) => {
      failed(problem);
      return withhold({ why: 'not-built', detail: detailOf(problem) });
    });
  return containFailure(unlessDamaged, (failure) => withhold(withheldAfter(policyDomain, failure, failed)));
}

export function withheldAfter(policyDomain: string, failure: unknown, failed: DomainFailed): Withheld {
  const detail = detailOf(failure);
  failed(
    new Problem(
      'internal-error',
      `No report on ${policyDomain}, and all others go on: building it failed (${detail}${placeOf(failure)}). ` +
        'This is a bug in tlsrpt; please report it, and run report again with a version in which it is mended.',
      { cause: failure },
    ),
  );
  return { why: 'not-built', detail };
}

function detailOf(failure: unknown): string {
  return messageOf(failure).slice(0, MAX_DETAIL_LENGTH);
}

/** Where in the program it showed. */
function placeOf(failure: unknown): string {
  const stack = failure instanceof Error ? (failure.stack ?? '') : '';
  const place = stack.split('\n').find((line) => /^\s+at /.test(line));
  return place === undefined ? '' : `, ${place.trim()}`;
}
