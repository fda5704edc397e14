/**
 * What others reported about us, for people: a line for each day, reporter and policy, and below it what failed.
 *
 * All names are foreign, so they are cut to what 80 columns leave, and nothing that is not to be seen is in them.
 */
import type { DayResult } from '#pipeline/inbound/day-results.ts';
import type { InboundListing } from '#pipeline/inbound/list-inbound.ts';
import type { OwnResult } from '#pipeline/inbound/own-results.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { inboundHistoryText } from './inbound-history-text.ts';
import type { Paint } from './paint.ts';

const MAX_COLUMNS = 79;
const MAX_NAME_LENGTH = 60;
const MOST_RESULT_TYPES = 10;
const HEAD = ['day', 'reporter', 'domain', 'policy', 'succeeded', 'failed'];
const INDENTS = { first: ' '.repeat(12), others: ' '.repeat(14) };
const shortTypes: ReadonlyMap<string, string> = new Map([['no-policy-found', 'none']]);

export function inboundListingText(listing: InboundListing, paint: Paint): string {
  const { results, omitted, daysToCome, own } = listing;
  if (results.length === 0 && listing.silent.length === 0 && daysToCome.length === 0)
    return 'Nothing is reported of these days. tlsrpt read --store keeps what others report.\n';
  const isUnverified = results.some(({ verifiedDomain }) => verifiedDomain === undefined);
  const notes = [
    ...(omitted > 0 ? [`and ${String(omitted)} more that are not listed`] : []),
    ...(daysToCome.length > 0 ? wrapText(toComeText(daysToCome), { first: '', others: '  ' }) : []),
    ...(own.length > 0 ? [`(${OWN}: what we saw of it on that day, on our own mail to it.)`] : []),
    ...(isUnverified ? ['(In parentheses: it is not shown who sent it.)'] : []),
  ];
  return [...tableLines(rowsOf(listing), paint), ...notes, ''].join('\n') + inboundHistoryText(listing);
}

/** The first alone: a clock may have been wrong for long. */
function toComeText(days: readonly string[]): string {
  const others = days.length > 1 ? ` and ${String(days.length - 1)} more` : '';
  return `Not listed is what came on ${days[0] ?? ''}${others}: that is still to come, so the clock was wrong.`;
}

const OWN = '=> ourselves';

type ShownResult = OwnResult & { readonly reporter: string };

/** What we saw follows what others did on that day. */
function rowsOf({ results, own }: InboundListing): ShownResult[] {
  const reported = results.map((result) => ({ ...result, reporter: reporterOf(result) }));
  const seen = own.map((result) => ({ ...result, reporter: OWN }));
  return [...reported, ...seen].sort((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1));
}

/** Who is not verified is in parentheses. */
function reporterOf({ organization = 'unnamed', verifiedDomain }: DayResult): string {
  return verifiedDomain === undefined ? `(${organization})` : organization;
}

function cellsOf(result: ShownResult): string[] {
  const { day, reporter, policyType, policyDomain, successful, failed } = result;
  return [day, reporter, policyDomain, shortTypes.get(policyType) ?? policyType, String(successful), String(failed)];
}

function tableLines(results: readonly ShownResult[], paint: Paint): string[] {
  if (results.length === 0) return [];
  const rows = results.map(cellsOf);
  const widths = columnWidths([HEAD, ...rows]);
  return [
    lineOf(HEAD, widths),
    ...results.flatMap((result, index) => {
      const line = lineOf(rows[index] ?? [], widths);
      return [result.failed > 0 ? paint('bad', line) : line, ...failureLines(result)];
    }),
  ];
}

/** The names share what the rest leaves. */
function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widest = HEAD.map((_, column) => rows.reduce((width, cells) => Math.max(width, cells[column]?.length ?? 0), 0));
  const [day = 0, reporter = 0, domain = 0, policy = 0, successful = 0, failed = 0] = widest;
  const type = Math.min(policy, 6);
  const room = MAX_COLUMNS - day - type - successful - failed - 2 * (HEAD.length - 1);
  const ofReporter = Math.min(reporter, Math.max(Math.ceil(room / 2), room - domain));
  return [day, ofReporter, Math.min(domain, room - ofReporter), type, successful, failed];
}

/** Counts are aligned on their last digit. */
function lineOf(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const width = widths[column] ?? 0;
      return column >= 4 ? cell.padStart(width) : showForeign(cell, width).padEnd(width);
    })
    .join('  ');
}

/** The most frequent first. */
function failureLines({ failed, failures }: ShownResult): string[] {
  if (failures.length === 0) return failed > 0 ? [`${INDENTS.first}without details`] : [];
  const sorted = [...failures].sort((a, b) => b.sessions - a.sessions);
  const shown = sorted
    .slice(0, MOST_RESULT_TYPES)
    .map(({ resultType, sessions }) => `${String(sessions)} ${showForeign(resultType, MAX_NAME_LENGTH) || 'unnamed'}`);
  const more = sorted.length > MOST_RESULT_TYPES ? [`${String(sorted.length - MOST_RESULT_TYPES)} more`] : [];
  return wrapText([...shown, ...more].join(', '), INDENTS);
}
