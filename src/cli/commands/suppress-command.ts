/**
 * `tlsrpt suppress`: reporting addresses that are to get no reports for a while.
 */
import type { Destinations, DestinationsContent, Suppression } from '#store/destinations.ts';
import { parseUtcDay, startOfDayMs } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { requestedDestination } from '#cli/arguments/requested-destination.ts';
import { exitCode } from '#cli/exit-code.ts';
import { withoutControls } from '#cli/output/log-writer.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

export const suppressCommand: Command = {
  name: 'suppress',
  positionals: '[action] [address]',
  summary: 'Keep reports from an address: add ADDRESS, remove ADDRESS, list',
  flags: [
    {
      name: 'until',
      argument: 'DATE',
      help: 'With add: until this UTC day begins (YYYY-MM-DD). Without: until it is removed.',
    },
  ],
  settings: [],
  run: async (invocation) => {
    const [action, address] = invocation.positionals;
    const { destinations } = await openExistingStore(invocation);
    if (action === 'list') {
      refuseExtra('list', address, invocation);
      invocation.print(activeSuppressions(destinations.read(), invocation).map(lineOf).join(''));
      return exitCode.done;
    }
    await destinations.changeInTurn(changeOf(action, address, invocation));
    return exitCode.done;
  },
};

function changeOf(
  action: string | undefined,
  address: string | undefined,
  invocation: Invocation,
): (destinations: Destinations) => void {
  if (action !== 'add' && action !== 'remove')
    throw usageError(
      `suppress does not know what to do${action === undefined ? '' : ` by "${action}"`}: write add, remove or list.`,
    );
  if (address === undefined) throw usageError(`suppress ${action} needs an address: a mailbox or an https:// URL.`);
  const key = requestedDestination(address);
  if (action === 'remove') {
    refuseExtra('remove', undefined, invocation);
    return (destinations) => {
      destinations.endSuppression(key);
    };
  }
  const untilMs = untilOf(invocation);
  return (destinations) => {
    destinations.suppress({ address: key, untilMs, reason: undefined });
  };
}

/** What would be ignored was meant to have an effect. */
function refuseExtra(action: 'list' | 'remove', address: string | undefined, { given }: Invocation): void {
  if (address !== undefined) throw usageError(`suppress ${action} takes no "${address}".`);
  if (given.text('until') !== undefined) throw usageError(`--until goes with suppress add, not with ${action}.`);
}

function activeSuppressions({ suppressions }: DestinationsContent, { clock }: Invocation): Suppression[] {
  const nowMs = clock.nowMs();
  return suppressions.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
}

function untilOf({ given, clock }: Invocation): number | undefined {
  const text = given.text('until');
  if (text === undefined) return undefined;
  const day = parseUtcDay(text);
  if (!day) throw usageError(`--until ${text} is no date. Write it as YYYY-MM-DD.`);
  if (startOfDayMs(day) > clock.nowMs()) return startOfDayMs(day);
  throw usageError(`--until ${text} has begun already (UTC).`);
}

function lineOf({ address, untilMs, reason }: Suppression): string {
  const until = untilMs === undefined ? 'until removed' : `until ${new Date(untilMs).toISOString().slice(0, 10)}`;
  return `${[address, until, reason ?? 'by hand'].map(withoutControls).join('\t')}\n`;
}
