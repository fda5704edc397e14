/**
 * The notice of what others reported about a week: for people, and as JSON in the shape that docs/json.md promises.
 *
 * All names are foreign. Each is cut, has nothing that is not to be seen, and stands behind words of ours.
 */
import type { SilentReporter } from '#pipeline/inbound/reporter-days.ts';
import type { PolicySum, WeekSums } from '#pipeline/inbound/sum-week.ts';
import type { Notice } from '#store/notices.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';

const MOST_POLICIES = 30;
const MOST_TYPES = 10;
const MOST_SILENT = 20;
const MAX_NAME_LENGTH = 60;
const BEGUN = { first: '- ', others: '  ' };
const INDENTS = { first: '  ', others: '    ' };

export function weekNotice(
  { firstDay, lastDay, policies, silent }: WeekSums,
  { id, madeMs, host }: { readonly id: string; readonly madeMs: number; readonly host: string },
): Notice {
  const [shown, fell] = [policies.slice(0, MOST_POLICIES), silent.slice(0, MOST_SILENT)];
  const omitted = policies.length - shown.length;
  const text = [
    `What others reported about ${firstDay} to ${lastDay}:`,
    '',
    ...(shown.length === 0 ? ['Nothing.'] : shown.flatMap(policyLines)),
    ...(omitted > 0 ? [`And ${String(omitted)} more policies.`] : []),
    ...(fell.length === 0 ? [] : ['', 'Reporters that fell silent:', ...fell.flatMap(silentLines)]),
    '',
    `tlsrpt on ${host}. All of it: tlsrpt inbound --since ${firstDay}`,
  ].join('\n');
  const facts = {
    kind: 'week',
    host,
    firstDay,
    lastDay,
    policies: shown.map(policyJson),
    omitted,
    silent: fell.map(silentJson),
  };
  return { id, madeMs, subject: `TLS reports of the week from ${firstDay}: ${failedText(policies)}`, text, facts };
}

/** Sessions of several policies may be the same ones, so they are not added up. */
function failedText(policies: readonly PolicySum[]): string {
  const failing = policies.filter(({ failed, failures }) => failed > 0 || failures.length > 0).length;
  return failing === 0
    ? 'no failures'
    : `failures under ${String(failing)} of all policies (${String(policies.length)})`;
}

function policyLines({
  policyDomain,
  policyType,
  isVerified,
  reporters,
  successful,
  failed,
  failures,
}: PolicySum): string[] {
  const name = `${shown(policyType)} of ${shown(policyDomain)}`;
  const counts = `${String(successful)} sessions succeeded, ${String(failed)} failed (reporters: ${String(reporters)})`;
  const types = failures
    .slice(0, MOST_TYPES)
    .map(({ resultType, sessions }) => `${String(sessions)} ${shown(resultType)}`);
  const more = failures.length > MOST_TYPES ? [`${String(failures.length - MOST_TYPES)} more result types`] : [];
  return [
    ...wrapText(`${name}: ${counts}${isVerified ? '' : '; it is not shown who sent that'}`, BEGUN),
    ...(types.length === 0 ? [] : wrapText([...types, ...more].join(', '), INDENTS)),
  ];
}

function silentLines({ organization, lastDay }: SilentReporter): string[] {
  return wrapText(`${shown(organization)}, which reported last about ${lastDay}`, BEGUN);
}

function policyJson({ policyDomain, policyType, isVerified, failures, ...counts }: PolicySum): Record<string, unknown> {
  const { reporters, successful, failed } = counts;
  return {
    policyDomain: shown(policyDomain),
    policyType: shown(policyType),
    verified: isVerified,
    reporters,
    successful,
    failed,
    failures: failures
      .slice(0, MOST_TYPES)
      .map(({ resultType, sessions }) => ({ resultType: shown(resultType), sessions })),
  };
}

function silentJson({ organization, firstDay, lastDay, days, silentDays }: SilentReporter): Record<string, unknown> {
  return { organization: shown(organization), firstDay, lastDay, days, silentDays };
}

function shown(text: string): string {
  return showForeign(text, MAX_NAME_LENGTH);
}
