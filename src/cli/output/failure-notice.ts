/**
 * The notice of what is new about the failures that others report: for people, and as JSON in the shape that docs/json.md promises.
 *
 * All names are foreign. Each is cut, has nothing that is not to be seen, and stands behind words of ours.
 */
import type { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { FailureExample } from '#pipeline/inbound/failure-examples.ts';
import type { FailureChange } from '#pipeline/inbound/judge-failure.ts';
import type { FailureLevel, Notice } from '#store/notices.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { explanationLines, failureName } from './failure-explanation.ts';

const MOST_CHANGES = 20;
const MOST_LEVELS = 5;
const MOST_DOMAINS = 2;
const MAX_NAME_LENGTH = 60;
const MAX_REASON_LENGTH = 200;
const BEGUN = { first: '', others: '  ' };
const INDENTS = { first: '  ', others: '    ' };

export interface NoticeMaking {
  readonly id: string;
  readonly madeMs: number;
  /** The name of this host. */
  readonly host: string;
  readonly commands: ShellCommands;
  readonly exampleOf: (change: FailureChange) => FailureExample | undefined;
}

export function failureNotice(
  changes: readonly [FailureChange, ...FailureChange[]],
  { id, madeMs, host, commands, exampleOf }: NoticeMaking,
): Notice {
  const shown = changes.slice(0, MOST_CHANGES).map((change) => ({ change, example: exampleOf(change) }));
  const omitted = changes.length - shown.length;
  const text = [
    ...shown.flatMap(({ change, example }) => [...changeLines(change, example, commands), '']),
    ...(omitted > 0 ? [`And ${String(omitted)} more, which tlsrpt inbound lists.`, ''] : []),
    `tlsrpt on ${host}, of the reports that others send. All of them: tlsrpt inbound`,
  ].join('\n');
  const facts = { kind: 'inbound-failures', host, changes: shown.map(changeJson), omitted };
  return { id, madeMs, subject: subjectOf(changes), text, facts };
}

function subjectOf(changes: FailureNotices): string {
  const [first, ...others] = changes;
  if (others.length === 0) return `TLS failure ${words[first.change].is}: ${nameOf(first)}`;
  const counts = (['new', 'grown', 'gone'] as const).map(
    (what) => [what, changes.filter(({ change }) => change === what).length] as const,
  );
  const told = counts.flatMap(([what, count]) => (count > 0 ? [`${String(count)} ${what}`] : []));
  return `TLS failures: ${told.join(', ')}${domainsOf(changes)}`;
}

/** In parentheses; empty where none is one that can be named. */
function domainsOf(changes: FailureNotices): string {
  const domains = [...new Set(changes.map(({ policyDomain }) => policyDomain))].filter(isUsableDomain);
  const named = domains.slice(0, MOST_DOMAINS).map((domain) => showForeign(domain, MAX_NAME_LENGTH));
  const more = domains.length > MOST_DOMAINS ? ', ...' : '';
  return named.length === 0 ? '' : ` (${named.join(', ')}${more})`;
}

type FailureNotices = readonly [FailureChange, ...FailureChange[]];

const words = {
  new: { is: 'is new', begin: 'New' },
  grown: { is: 'has grown', begin: 'Grown' },
  gone: { is: 'is gone', begin: 'Gone' },
} as const;

function nameOf({ resultType = 'failed without details', policyType, policyDomain }: FailureChange): string {
  return failureName({ resultType, policyType, policyDomain });
}

function changeLines(change: FailureChange, example: FailureExample | undefined, commands: ShellCommands): string[] {
  const lines = [
    ...wrapText(`${words[change.change].begin}: ${nameOf(change)}`, BEGUN),
    ...wrapText(periodText(change), INDENTS),
    ...change.levels.slice(0, MOST_LEVELS).flatMap((level) => wrapText(levelText(level), INDENTS)),
    ...moreLines(change.levels.length - MOST_LEVELS),
    ...(change.before ? wrapText(`Before: ${levelText(change.before)}`, INDENTS) : []),
    ...(change.isVerified ? [] : ['  It is not shown who sent that: anybody can write a report.']),
  ];
  if (change.change === 'gone') return lines;
  const { policyType, policyDomain, resultType } = change;
  const { hosts = [], meanings = [] } = example ?? {};
  return [
    ...lines,
    ...exampleLines(example),
    ...(resultType === undefined
      ? []
      : explanationLines({ policyType, policyDomain, resultType, hosts, meanings }, commands)),
  ];
}

function periodText({ change, firstDay, lastDay }: FailureChange): string {
  const period = firstDay === lastDay ? `about ${lastDay}` : `from ${firstDay} to ${lastDay}`;
  return `It was reported ${period}${change === 'gone' ? '; later reports of the same senders have none' : ''}.`;
}

function levelText({ organization = 'unnamed', verifiedDomain, day, sessions, total }: FailureLevel): string {
  const reporter = showForeign(organization, MAX_NAME_LENGTH);
  const by =
    verifiedDomain === undefined ? `(${reporter})` : `${reporter} (${showForeign(verifiedDomain, MAX_NAME_LENGTH)})`;
  return `${String(sessions)} of ${String(total)} sessions on ${day}: ${by}`;
}

function moreLines(count: number): string[] {
  return count > 0 ? [`  and ${String(count)} more reporters`] : [];
}

function exampleLines(example: FailureExample | undefined): string[] {
  if (!example) return [];
  const { sendingMtaIp, receivingMxHostname, receivingIp, reasonCode, additionalInformation } = example.failure;
  const parts = [
    ['from', sendingMtaIp],
    ['to', receivingMxHostname],
    ['at', receivingIp],
    ['reason', reasonCode],
    ['see', additionalInformation],
  ] as const;
  const told = parts.flatMap(([word, text]) =>
    text === undefined ? [] : [`${word} "${showForeign(text, MAX_REASON_LENGTH)}"`],
  );
  return told.length === 0 ? [] : wrapText(`For example ${told.join(', ')}`, INDENTS);
}

interface ShownChange {
  readonly change: FailureChange;
  readonly example: FailureExample | undefined;
}

function changeJson({ change: shown, example }: ShownChange): Record<string, unknown> {
  const { change, policyDomain, policyType, resultType, isVerified, firstDay, lastDay, levels, before } = shown;
  return {
    change,
    policyDomain: cut(policyDomain),
    policyType: cut(policyType),
    resultType: cut(resultType),
    verified: isVerified,
    firstDay,
    lastDay,
    levels: levels.map(levelJson),
    before: before ? levelJson(before) : null,
    example: example ? exampleJson(example) : null,
  };
}

function levelJson({ organization, verifiedDomain, day, sessions, total }: FailureLevel): Record<string, unknown> {
  return { organization: cut(organization), verifiedDomain: cut(verifiedDomain), day, sessions, total };
}

function exampleJson({ failure }: FailureExample): Record<string, unknown> {
  const { sendingMtaIp, receivingMxHostname, receivingMxHelo, receivingIp, reasonCode, additionalInformation } =
    failure;
  const texts = { sendingMtaIp, receivingMxHostname, receivingMxHelo, receivingIp, reasonCode, additionalInformation };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, cut(text)]));
}

function cut(text: string | undefined): string | null {
  return text === undefined ? null : showForeign(text, MAX_REASON_LENGTH);
}
