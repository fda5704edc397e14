/**
 * Whether everything in the state directory belongs to whoever works there: what root left behind, that user cannot go on with.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface OwnedEntry {
  readonly path: string;
  readonly userId: number;
}

export interface StateOwnerFacts {
  readonly directory: string;
  readonly userId: number;
  /** The name of that user. */
  readonly user: string;
  readonly mode: number;
  /** As whom tlsrpt.service runs; undefined where there is none. */
  readonly collectorUser: string | undefined;
  /** What is in it, at any depth. */
  readonly entries: readonly OwnedEntry[];
}

const { ok, warning, broken } = findingsOf('state-directory');
const BY_OTHERS = 0o007;

export function judgeStateOwner(facts: StateOwnerFacts): Finding[] {
  const { directory, userId, user, mode, collectorUser, entries } = facts;
  if (collectorUser !== undefined && collectorUser !== user)
    return [
      broken(
        `${directory} belongs to ${user}, and tlsrpt.service runs as ${collectorUser}, who can write nothing there.`,
        `chown -R ${collectorUser}: ${directory}`,
      ),
    ];
  const foreign = entries.filter((entry) => entry.userId !== userId);
  const findings: Finding[] = [];
  if (foreign.length > 0)
    findings.push(
      broken(
        `${String(foreign.length)} of what is in ${directory} does not belong to ${user}, such as ${foreign[0]?.path ?? ''}.`,
        `chown -R ${user}: ${directory}`,
      ),
    );
  if ((mode & BY_OTHERS) !== 0)
    findings.push(
      warning(
        `Every user of this machine can look into ${directory}, which says to whom mail is sent.`,
        `chmod o= ${directory}`,
      ),
    );
  return findings.length > 0 ? findings : [ok(`${directory} belongs to ${user}.`)];
}
