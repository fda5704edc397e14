/**
 * An example of each failure, out of the reports that are read: what is kept of these in short has no details.
 */
import type { InboundFailure, InboundReport } from '#tlsrpt/inbound-report.ts';
import { meaningOfReason } from '#tlsrpt/reason-meaning.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { keyOfFailure, policyNameOf, resultTypeOf } from './reported-failures.ts';
import type { FailureName } from './reported-failures.ts';

export interface FailureExample {
  /** The one with the most sessions. */
  readonly failure: InboundFailure;
  /** MX hosts that were named with others, the first few. */
  readonly hosts: readonly string[];
  readonly meanings: readonly string[];
}

const MOST_EXAMPLES = 1_000;
const MOST_HOSTS = 3;

export class FailureExamples {
  readonly #byKey = new Map<string, FailureExample>();

  add({ report, verification }: { readonly report: InboundReport; readonly verification: Verification }): void {
    const isVerified = verification.result === 'pass' && verification.domain !== undefined;
    for (const policy of report.policies)
      for (const failure of policy.failures) {
        const name = { ...policyNameOf(policy), resultType: resultTypeOf(failure.resultType), isVerified };
        this.#addFailure(keyOfFailure(name), failure);
      }
  }

  /** Undefined where the reports that are read now have none. */
  of(name: FailureName): FailureExample | undefined {
    return this.#byKey.get(keyOfFailure(name));
  }

  #addFailure(key: string, failure: InboundFailure): void {
    const known = this.#byKey.get(key);
    if (!known && this.#byKey.size >= MOST_EXAMPLES) return;
    const { receivingMxHostname: host, reasonCode } = failure;
    const meaning = reasonCode === undefined ? undefined : meaningOfReason(reasonCode);
    this.#byKey.set(key, {
      failure: known && known.failure.sessions >= failure.sessions ? known.failure : failure,
      hosts: withAnother(known?.hosts, host).slice(0, MOST_HOSTS),
      meanings: withAnother(known?.meanings, meaning),
    });
  }
}

function withAnother(known: readonly string[] = [], another: string | undefined): readonly string[] {
  return another === undefined || known.includes(another) ? known : [...known, another];
}
