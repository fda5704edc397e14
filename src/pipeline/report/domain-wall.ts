/**
 * The wall around a domain: whatever fails while its reports are planned, built or stored withholds these alone.
 *
 * What fails there was not foreseen, so it is a bug and is told as one, unless what is stored of the domain is damaged; the outbox keeps
 * why, for `status`. What was built earlier stays.
 * Problems, told and not thrown: internal-error, store-damaged.
 */
import type { Withheld } from '#store/outbox/outbox-entries.ts';
import { containFailure } from '#support/contain-failure.ts';
import { containProblemOfOne } from '#support/contain-problem.ts';
import { internalError, MAX_DETAIL_LENGTH } from '#support/internal-error.ts';
import { messageOf } from '#support/problem.ts';
import type { Problem } from '#support/problem.ts';

/** Called for a domain whose reports are withheld because they could not be built; the others go on. */
export type DomainFailed = (problem: Problem) => void;

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
  failed(
    internalError(
      failure,
      `No report on ${policyDomain}, and all others go on: building it failed`,
      ', and run report again with a version in which it is mended',
    ),
  );
  return { why: 'not-built', detail: detailOf(failure) };
}

function detailOf(failure: unknown): string {
  return messageOf(failure).slice(0, MAX_DETAIL_LENGTH);
}
