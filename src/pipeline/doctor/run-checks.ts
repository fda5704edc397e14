/**
 * Runs all checks, one after the other, whatever comes of each: one that cannot look is a finding too.
 */
import { Problem } from '#support/problem.ts';
import type { Finding } from './finding.ts';

/** The port of everything that can be checked: looks at one link of the chain and changes nothing. */
export interface Check {
  /** Stable, as its findings have it: scripts read it. */
  readonly name: string;
  /** May throw a Problem, whose message says what to do. */
  readonly look: () => readonly Finding[] | Promise<readonly Finding[]>;
}

/** In the given order: a check may give up rights that those before it need. */
export async function runChecks(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await look(check)));
  return findings;
}

async function look(check: Check): Promise<readonly Finding[]> {
  try {
    return await check.look();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const fix = `See ${error.code} in docs/operating.md.`;
    return [{ grade: 'broken', check: check.name, what: error.message, fix }];
  }
}
