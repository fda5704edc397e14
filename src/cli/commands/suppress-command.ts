/**
 * `tlsrpt suppress`: reporting addresses that are to get no reports for a while.
 *
 * Problems: not-suppressed.
 */
import { isSuppressing } from '#pipeline/send/dead-destination.ts';
import type { DestinationsContent, Suppression } from '#store/destinations.ts';
import type { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import { withoutControls } from '#support/without-controls.ts';
import { parseUtcDay, startOfDayMs } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { dryRunFlag, jsonFlag } from '#cli/arguments/flags.ts';
import { requestedDestination } from '#cli/arguments/requested-destination.ts';
import { exitCode } from '#cli/exit-code.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

export const suppressCommand: Command = {
  name: 'suppress',
  summary: 'Keep reports from an address: add ADDRESS, remove ADDRESS, list',
  usages: ['add ADDRESS [--until DATE]', 'remove ADDRESS', 'list'],
  mostWords: 2,
  examples: [
    ['suppress add tlsrpt@example.com --until 2027-01-01', 'send nothing there this year'],
    ['suppress list', 'show which addresses get no reports'],
  ],
  flags: [
    {
      name: 'until',
      argument: 'DATE',
      help: 'With add: until this UTC day begins (YYYY-MM-DD). Without: until it is removed.',
    },
    dryRunFlag,
    { ...jsonFlag, help: 'With list: print JSON.' },
  ],
  settings: [],
  run: async (invocation) => {
    const requested = requestedAction(invocation);
    const { destinations } = await openExistingStore(invocation);
    if (requested === 'list') list(destinations, invocation);
    else await change(destinations, requested, invocation);
    return exitCode.done;
  },
};

interface RequestedChange {
  readonly action: 'add' | 'remove';
  /** In the form that all spellings share. */
  readonly address: string;
  /** For add; undefined: until it is removed. */
  readonly untilMs: number | undefined;
}

function requestedAction(invocation: Invocation): RequestedChange | 'list' {
  const [action, address] = invocation.positionals;
  if (action !== 'list') return requestedChange(action, address, invocation);
  refuseExtra('list', address, invocation);
  if (invocation.given.has('dry-run')) throw usageError('--dry-run goes with suppress add and remove, not with list.');
  return 'list';
}

function list(destinations: Store['destinations'], invocation: Invocation): void {
  const suppressions = activeSuppressions(destinations.read(), invocation);
  const isJson = invocation.given.has('json');
  invocation.print(isJson ? jsonText(suppressions.map(suppressionJson)) : suppressions.map(lineOf).join(''));
}

async function change(
  destinations: Store['destinations'],
  { action, address, untilMs }: RequestedChange,
  invocation: Invocation,
): Promise<void> {
  if (action === 'remove') refuseUnlessSuppressed(destinations.read(), address, invocation);
  const isDry = invocation.given.has('dry-run');
  if (!isDry)
    await destinations.changeInTurn((known) => {
      if (action === 'remove') known.endSuppression(address);
      else known.suppress({ address, untilMs, reason: undefined });
    });
  const until = untilMs === undefined ? 'until that is removed' : `until ${dateOf(untilMs)}`;
  const what = action === 'remove' ? `may get reports again` : `gets no reports ${until}`;
  invocation.print(`${withoutControls(address)} ${isDry ? `would be changed: it ${what}` : what}\n`);
}

/** Until it is removed: null. Who suppressed it by hand gave no reason: null. */
function suppressionJson({ address, untilMs, reason }: Suppression): unknown {
  return { address, until: untilMs === undefined ? null : new Date(untilMs).toISOString(), reason: reason ?? null };
}

function requestedChange(
  action: string | undefined,
  address: string | undefined,
  invocation: Invocation,
): RequestedChange {
  if (action !== 'add' && action !== 'remove')
    throw usageError(
      `suppress does not know what to do${action === undefined ? '' : ` by "${action}"`}: write add, remove or list.`,
    );
  if (address === undefined) throw usageError(`suppress ${action} needs an address: a mailbox or an https:// URL.`);
  if (action === 'remove') refuseExtra('remove', undefined, invocation);
  if (invocation.given.has('json')) throw usageError('--json goes with suppress list.');
  return { action, address: requestedDestination(address), untilMs: untilOf(invocation) };
}

function refuseUnlessSuppressed(content: DestinationsContent, address: string, invocation: Invocation): void {
  if (activeSuppressions(content, invocation).some((suppression) => suppression.address === address)) return;
  throw new Problem(
    'not-suppressed',
    `${address} is not suppressed, so nothing was changed. See tlsrpt suppress list.`,
  );
}

/** What would be ignored was meant to have an effect. */
function refuseExtra(action: 'list' | 'remove', address: string | undefined, { given }: Invocation): void {
  if (address !== undefined) throw usageError(`suppress ${action} takes no "${address}".`);
  if (given.text('until') !== undefined) throw usageError(`--until goes with suppress add, not with ${action}.`);
}

function activeSuppressions({ suppressions }: DestinationsContent, { clock }: Invocation): Suppression[] {
  const nowMs = clock.nowMs();
  return suppressions.filter((suppression) => isSuppressing(suppression, nowMs));
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
  const until = untilMs === undefined ? 'until removed' : `until ${dateOf(untilMs)}`;
  return `${[address, until, reason ?? 'by hand'].map(withoutControls).join('\t')}\n`;
}

function dateOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
