/**
 * The failures under one policy in plain words: how many of which type, at which hosts, for which reasons. The most frequent first.
 *
 * Names and reasons are foreign; they are cut, and there are never more than a few of each.
 */
import { isDnsName } from './domain-name.ts';
import { showForeign, wrapText } from './plain-lines.ts';
import { UNSPECIFIED_REASON } from './reported-details.ts';
import type { ResultType } from './result-type.ts';
import type { FailureDetails } from './session.ts';
import type { FailureTally } from './tally.ts';

/** More than are registered: what goes beyond is made up. */
const MAX_TYPES = 15;
const MAX_HOSTS = 5;
const MAX_REASONS = 3;
const MAX_NAME_LENGTH = 60;
const MAX_REASON_LENGTH = 100;

export function failureLines(failures: readonly FailureTally[]): string[] {
  const types = sessionsBy(failures, ({ resultType }) => resultType);
  return [
    ...types
      .slice(0, MAX_TYPES)
      .flatMap(([resultType, sessions]) => [
        `  ${resultType}: ${String(sessions)}`,
        ...detailLines(failures.filter(({ details }) => details.resultType === resultType)),
      ]),
    ...moreLine(types.length - MAX_TYPES, 'result type', '  '),
  ];
}

/** Those that occur, the most frequent first. */
export function occurringTypes(failures: readonly FailureTally[]): ResultType[] {
  return sessionsBy(failures, ({ resultType }) => resultType).map(([resultType]) => resultType);
}

function detailLines(failures: readonly FailureTally[]): string[] {
  const hosts = sessionsBy(failures, hostOf);
  const reasons = sessionsBy(failures, reasonOf).filter(([reason]) => reason !== '');
  return [
    ...hosts.slice(0, MAX_HOSTS).map(([host, sessions]) => `    at ${host}: ${String(sessions)}`),
    ...moreLine(hosts.length - MAX_HOSTS, 'host'),
    ...reasons.slice(0, MAX_REASONS).flatMap(([reason]) => wrapText(`reason: ${reason}`, REASON_INDENTS)),
    ...moreLine(reasons.length - MAX_REASONS, 'reason'),
  ];
}

const REASON_INDENTS = { first: '    ', others: '      ' };

function moreLine(count: number, what: string, indent = '    '): string[] {
  return count > 0 ? [`${indent}and ${String(count)} more ${what}${count === 1 ? '' : 's'}`] : [];
}

function hostOf({ receivingMxHostname: name, receivingIp }: FailureDetails): string {
  if (name === undefined) return receivingIp ?? 'a host that is not known';
  return name.length <= MAX_NAME_LENGTH && isDnsName(name) ? name : `"${showForeign(name, MAX_NAME_LENGTH)}"`;
}

function reasonOf({ failureReasonCode: reason }: FailureDetails): string {
  return reason === undefined || reason === UNSPECIFIED_REASON ? '' : `"${showForeign(reason, MAX_REASON_LENGTH)}"`;
}

/** The most frequent first; those that are as frequent by name. */
function sessionsBy<Key extends string>(
  failures: readonly FailureTally[],
  keyOf: (details: FailureDetails) => Key,
): [Key, number][] {
  const sums = new Map<Key, number>();
  for (const { details, sessions } of failures) sums.set(keyOf(details), (sums.get(keyOf(details)) ?? 0) + sessions);
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
