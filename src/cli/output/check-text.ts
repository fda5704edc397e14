/**
 * What check found out about a domain, for people and for programs.
 */
import type { Finding, FindingState, Subject } from '#pipeline/check/finding.ts';
import { withoutControlsButLines } from '#support/without-controls.ts';
import type { Place } from '#tlsrpt/placed-text.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';

export interface CheckedDomain {
  readonly domain: string;
  readonly nameServers: readonly string[];
  readonly isValidating: boolean | undefined;
  readonly findings: readonly Finding[];
}

/** Strangers' words may be in it. */
const MAX_CAUSE_LENGTH = 600;
/** The worst first. */
const states: readonly FindingState[] = ['wrong', 'unknown', 'note', 'ok'];

const labels: Readonly<Record<Subject, string>> = {
  'tlsrpt-record': 'TLSRPT record',
  'sts-record': 'MTA-STS record',
  'sts-policy': 'MTA-STS policy',
  mx: 'MX',
  tlsa: 'TLSA',
  starttls: 'STARTTLS',
  certificate: 'certificate',
  policies: 'policies',
};

export function checkText({ domain, nameServers, isValidating, findings }: CheckedDomain): string {
  const header = wrapText(`${domain} (asked ${nameServers.join(', ') || 'no name server'}${validation(isValidating)})`);
  return withoutControlsButLines(`${[...header, ...findings.flatMap(linesOf)].join('\n')}\n`);
}

export function checkJson({ domain, nameServers, isValidating, findings }: CheckedDomain): unknown {
  return {
    domain,
    nameServers,
    validatesDnssec: isValidating ?? null,
    state: states.find((state) => findings.some((finding) => finding.state === state)) ?? 'ok',
    findings: findings.map((finding) => ({
      about: finding.about,
      state: finding.state,
      host: finding.host ?? null,
      address: finding.address ?? null,
      resultType: finding.resultType ?? null,
      policyType: finding.policyType ?? null,
      cause: showForeign(finding.cause, MAX_CAUSE_LENGTH),
      place: finding.place ? placeJson(finding.place) : null,
      command: finding.command ?? null,
    })),
  };
}

function placeJson({ text, line, start, length }: Place): unknown {
  return { line, column: start + 1, length, text };
}

function validation(isValidating: boolean | undefined): string {
  if (isValidating === undefined) return '';
  return isValidating ? ', which validates DNSSEC' : ', which does not validate DNSSEC';
}

const INDENT = ' '.repeat(10);

function linesOf(finding: Finding, index: number, findings: readonly Finding[]): string[] {
  const { about, state, host, address, cause, resultType, policyType, place, command } = finding;
  const at = address === undefined ? '' : ` at ${address}`;
  const label = `${labels[about]}${host === undefined ? '' : ` of ${host}`}${at}`;
  const first = `  ${state}`.padEnd(INDENT.length);
  const isRepeated = findings[index + 1]?.command === command;
  return [
    ...wrapText(`${label}: ${showForeign(cause, MAX_CAUSE_LENGTH)}`, { first, others: INDENT }),
    ...(resultType === undefined ? [] : [`${INDENT}reported as ${resultType}${policyType ? ` (${policyType})` : ''}`]),
    ...(place ? pointAt(place) : []),
    ...(command === undefined || isRepeated ? [] : [`${INDENT}$ ${command}`]),
  ];
}

const EXCERPT_LENGTH = 50;
const BEFORE_MISTAKE = 20;

/** The line with the mistake, or what of it is around that, and marks below it. */
function pointAt({ text, line, start, length }: Place): string[] {
  const from =
    text.length <= EXCERPT_LENGTH ? 0 : Math.max(0, Math.min(start - BEFORE_MISTAKE, text.length - EXCERPT_LENGTH));
  const number = line > 1 ? `line ${String(line)}: ` : '';
  const before = `${INDENT}${number}${from > 0 ? '...' : ''}`;
  const excerpt = text.slice(from, from + EXCERPT_LENGTH);
  const marks = Math.min(length, EXCERPT_LENGTH - (start - from));
  return [
    `${before}${inPlace(excerpt)}${from + EXCERPT_LENGTH < text.length ? '...' : ''}`,
    `${' '.repeat(before.length + start - from)}${'^'.repeat(Math.max(marks, 1))}`,
  ];
}

/** One visible character for each, so that the marks stay below their mistake. */
function inPlace(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[^\x20-\x7e]/g, '?');
}
