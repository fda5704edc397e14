/**
 * Runs all checks, one after the other, whatever comes of each: one that cannot look is a finding too.
 */
import { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';
import { findingsOf } from './finding.ts';
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
    return [findingOf(check.name, error)];
  }
}

/** Of what keeps a check from looking. */
export function findingOf(check: string, { code, message, details }: Problem): Finding {
  const fix = fixes[code] ?? `see ${code} in docs/operating.md`;
  return findingsOf(check).broken([message, ...details].join(' '), fix);
}

const fixes: Readonly<Partial<Record<ProblemCode, string>>> = {
  'configuration-error': 'change what is named there, as docs/configuration.md has it, and run tlsrpt doctor again',
  'no-permission': 'run this as root',
  'state-directory-missing':
    'start the collector anew (systemctl restart tlsrpt.service, where systemd runs it), which makes it, or set state_dir to where it is',
};
