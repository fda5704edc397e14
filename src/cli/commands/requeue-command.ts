/**
 * `tlsrpt requeue`: gives deliveries another chance that had come to their end, once the cause is mended.
 *
 * Problems: usage-error, nothing-to-requeue.
 */
import { requeueableStates, requeueDeliveries } from '#pipeline/send/requeue-deliveries.ts';
import type { RequeueableState } from '#pipeline/send/requeue-deliveries.ts';
import { Problem } from '#support/problem.ts';
import { requestedDestination } from '#cli/arguments/requested-destination.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import { requestedDay, requestedDomains, dayFlag, domainFlag } from '#cli/arguments/flags.ts';
import { withoutControls } from '#cli/output/log-writer.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

export const requeueCommand: Command = {
  name: 'requeue',
  positionals: '[reports..]',
  summary: 'Queue deliveries again that were refused or expired, by report-id, destination, day, domain or state',
  flags: [
    { ...dayFlag, help: `Only the reports about this day. ${dayFlag.help}` },
    domainFlag,
    { name: 'destination', argument: 'ADDRESS', help: 'Only deliveries to this mailbox or https:// URL.' },
    {
      name: 'state',
      argument: 'STATE',
      isList: true,
      help: `Only those in this state: ${requeueableStates.join(', ')}. May be repeated. Default: refused and expired.`,
    },
  ],
  settings: [],
  run: async (invocation) => {
    const requested = requestedDeliveries(invocation);
    const { clock, log } = invocation;
    const trouble = new Trouble(log);
    const store = await openExistingStore(invocation);
    const requeued = requeueDeliveries({ ...requested, store, clock, dayRefused: trouble.note });
    if (requeued.length === 0 && trouble.exitCode === undefined)
      throw new Problem('nothing-to-requeue', 'No delivery that was given up is meant by this. Look at tlsrpt status.');
    for (const { reportId, destination } of requeued)
      invocation.print(`${withoutControls(`${reportId} -> ${destination}`)}\n`);
    return trouble.exitCode ?? exitCode.done;
  },
};

function requestedDeliveries(
  invocation: Invocation,
): Omit<Parameters<typeof requeueDeliveries>[0], 'store' | 'clock' | 'dayRefused'> {
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
    states: states.length === 0 ? ['refused', 'expired'] : states,
  };
}

function requestedState(text: string): RequeueableState {
  const state = requeueableStates.find((candidate) => candidate === text);
  if (state !== undefined) return state;
  throw usageError(`--state ${text} cannot be queued again; it must be one of ${requeueableStates.join(', ')}.`);
}
