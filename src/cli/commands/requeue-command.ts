/**
 * `tlsrpt requeue`: gives deliveries another chance that had come to their end, once the cause is mended.
 *
 * Problems: usage-error, nothing-to-requeue, report-not-found.
 */
import { deliveriesInAnyState, requeueableStates, requeueDeliveries } from '#pipeline/send/requeue-deliveries.ts';
import type { RequeueableState } from '#pipeline/send/requeue-deliveries.ts';
import { Problem } from '#support/problem.ts';
import { withoutControls } from '#support/without-controls.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import { requestedDestination } from '#cli/arguments/requested-destination.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import { requestedDay, requestedDomains, dayFlag, domainFlag, dryRunFlag, jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

export const requeueCommand: Command = {
  name: 'requeue',
  summary:
    'Queue deliveries again that bounced, were refused or expired, by report-id, destination, day, domain or state',
  usages: ['REPORT-ID...', '--destination ADDRESS | --domain DOMAIN | --day DAY | --state STATE'],
  mostWords: Infinity,
  examples: [
    ['requeue --destination tlsrpt@example.com', 'try again what this address refused'],
    ['requeue --day 2026-11-20 --dry-run', 'show what would be tried again of one day'],
  ],
  flags: [
    { ...dayFlag, help: `Only the reports about this day. ${dayFlag.help}` },
    domainFlag,
    { name: 'destination', argument: 'ADDRESS', help: 'Only deliveries to this mailbox or https:// URL.' },
    {
      name: 'state',
      argument: 'STATE',
      isList: true,
      help: `Only those in this state: ${requeueableStates.join(', ')}. May be repeated. Default: bounced, refused and expired.`,
    },
    dryRunFlag,
    jsonFlag,
  ],
  settings: [],
  run: async (invocation) => {
    const requested = requestedDeliveries(invocation);
    const { clock, log, given } = invocation;
    const trouble = new Trouble(log);
    const store = await openExistingStore(invocation);
    const meant = { ...requested, store, dayRefused: trouble.note };
    refuseUnknownReports(meant);
    const requeued = requeueDeliveries({ ...meant, clock, dryRun: given.has('dry-run') });
    if (requeued.length === 0 && trouble.exitCode === undefined) throw nothingToRequeue(deliveriesInAnyState(meant));
    if (given.has('json'))
      invocation.print(jsonText(requeued.map(({ reportId, destination }) => ({ reportId, destination }))));
    else for (const delivery of requeued) invocation.print(requeuedText(delivery));
    return trouble.exitCode ?? exitCode.done;
  },
};

function requeuedText({ reportId, destination }: Delivery): string {
  return `${withoutControls(`${reportId} -> ${destination}`)}\n`;
}

type Meant = Parameters<typeof deliveriesInAnyState>[0];

/** A slip of the pen in one of many ids is found before anything is done. Ids that a day which cannot be read may have are let pass. */
function refuseUnknownReports(meant: Meant): void {
  if (meant.reportIds.length === 0) return;
  const unread: Problem[] = [];
  const dayRefused = (problem: Problem): unknown => unread.push(problem);
  const known = new Set(deliveriesInAnyState({ ...meant, ...EVERYWHERE, dayRefused }).map(({ reportId }) => reportId));
  const unknown = meant.reportIds.filter((reportId) => !known.has(reportId));
  if (unknown.length === 0 || unread.length > 0) return;
  throw new Problem(
    'report-not-found',
    `There is no report ${unknown.join(', ')} in the outbox, so nothing was queued. tlsrpt status --all lists the report-ids.`,
  );
}

const EVERYWHERE = { day: undefined, domains: [], destination: undefined } as const;

function nothingToRequeue(others: readonly Delivery[]): Problem {
  const states = [...new Set(others.map(({ state }) => state))].sort();
  const why =
    others.length === 0
      ? 'there is no such delivery in the outbox'
      : `what is meant by this is in another state: ${states.map((state) => `${countOf(others, state)} ${state}`).join(', ')}`;
  return new Problem('nothing-to-requeue', `Nothing was queued: ${why}. Look at tlsrpt status --all.`);
}

function countOf(deliveries: readonly Delivery[], state: DeliveryState): string {
  return String(deliveries.filter((delivery) => delivery.state === state).length);
}

function requestedDeliveries(invocation: Invocation): Omit<Meant, 'store' | 'dayRefused'> {
  const { given, positionals: reportIds } = invocation;
  const [day, domains, address] = [requestedDay(invocation), requestedDomains(invocation), given.text('destination')];
  const states = given.texts('state').map(requestedState);
  const isAnyNamed = reportIds.length > 0 || day !== undefined || domains.length > 0 || address !== undefined;
  if (!isAnyNamed && states.length === 0)
    throw usageError('requeue needs to know what: report-ids, --day, --domain, --destination or --state.');
  return {
    reportIds,
    day,
    domains,
    destination: address === undefined ? undefined : requestedDestination(address),
    states: states.length === 0 ? ['bounced', 'refused', 'expired'] : states,
  };
}

function requestedState(text: string): RequeueableState {
  const state = requeueableStates.find((candidate) => candidate === text);
  if (state !== undefined) return state;
  throw usageError(`--state ${text} cannot be queued again; it must be one of ${requeueableStates.join(', ')}.`);
}
