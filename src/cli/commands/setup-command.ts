/**
 * `tlsrpt setup postfix`: prints what this host's Postfix needs so that the collector hears of it, makes it so, or undoes what it made.
 *
 * Problems: postfix-not-found, postfix-without-tlsrpt, no-permission, system-command-failed, configuration-error, file-not-written,
 * store-locked.
 */
import { isEmpty } from '#pipeline/setup/change-record.ts';
import { changesOf, makeChanges, undoChanges } from '#pipeline/setup/make-changes.ts';
import type { Outcome } from '#pipeline/setup/make-changes.ts';
import { planSetup } from '#pipeline/setup/plan-setup.ts';
import type { Change } from '#pipeline/setup/place.ts';
import type { PostfixInstance } from '#pipeline/setup/postfix-instance.ts';
import { withoutControls } from '#support/without-controls.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { configurationPath } from '#cli/arguments/command-settings.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { exitCode } from '#cli/exit-code.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { changeText, instanceText, outcomeText } from '#cli/output/setup-text.ts';
import { findPostfix } from '#cli/wiring/found-postfix.ts';
import { systemPlaces } from '#cli/wiring/setup-places.ts';
import { setupRecordBeside } from '#cli/wiring/setup-record.ts';
import type { SetupRecord } from '#cli/wiring/setup-record.ts';

export const setupCommand: Command = {
  name: 'setup',
  summary: 'Print, make or undo what another program needs so that the collector hears of it: setup postfix',
  usages: ['postfix [--apply | --remove]'],
  mostWords: 1,
  examples: [
    ['setup postfix', 'show what Postfix and this host need'],
    ['setup postfix --apply', 'make it so, as root; safe to repeat'],
  ],
  flags: [
    { name: 'apply', help: 'Make the changes that are printed. What is right already stays as it is.' },
    { name: 'remove', help: 'Undo what --apply has changed, and nothing else.' },
    jsonFlag,
  ],
  settings: ['socket', 'socketMode', 'socketGroup'],
  pairings: [{ flags: ['apply'], notWith: 'remove' }],
  run: (invocation) => {
    requirePostfix(invocation);
    if (invocation.given.has('remove')) remove(invocation);
    else setUp(invocation);
    return Promise.resolve(exitCode.done);
  },
  // What is undone stands in the record. One that is not there may be that of another configuration file.
  runWithoutSettings: (problem, invocation) => {
    requirePostfix(invocation);
    if (!invocation.given.has('remove') || isEmpty(recordOf(invocation).load())) throw problem;
    remove(invocation);
    return exitCode.done;
  },
};

type WithoutSettings = Omit<Invocation, 'settings'>;

function requirePostfix({ positionals }: WithoutSettings): void {
  if (positionals[0] !== 'postfix') throw usageError('setup knows one program: tlsrpt setup postfix');
}

/** What is there, what is to change or has changed, and what is left for the administrator. */
interface Shown {
  readonly instances: readonly PostfixInstance[];
  readonly socketPath: string | undefined;
  readonly changes: readonly Change[];
  readonly outcomes: readonly Outcome[];
  readonly notes: readonly string[];
}

function setUp(invocation: Invocation): void {
  const seen = lookAtHost(invocation);
  if (invocation.given.has('apply') && isToDo(seen, recordOf(invocation)))
    recordOf(invocation).whileLocked(() => {
      apply(lookAtHost(invocation), invocation);
    });
  else show(invocation, { ...seen, outcomes: [] });
}

type Seen = Omit<Shown, 'outcomes'>;

function lookAtHost(invocation: Invocation): Seen {
  const { host, disabled } = findPostfix(invocation);
  const { wanted, notes, socketPath } = planSetup(host);
  return {
    instances: host.instances,
    socketPath,
    changes: changesOf(wanted, systemPlaces),
    notes: [...notes, ...disabled.map((directory) => `${directory}: this instance is disabled and was left out.`)],
  };
}

/** Whoever has nothing to do needs no rights. */
function isToDo({ changes }: Seen, record: SetupRecord): boolean {
  return changes.length > 0 || record.load().toReload.length > 0;
}

function apply(seen: Seen, invocation: Invocation): void {
  const outcomes: Outcome[] = [];
  makeChanges(seen.changes, tracked(invocation, outcomes));
  show(invocation, { ...seen, outcomes });
}

function remove(invocation: WithoutSettings): void {
  const record = recordOf(invocation);
  const outcomes: Outcome[] = [];
  if (!isEmpty(record.load()))
    record.whileLocked(() => {
      undoChanges(tracked(invocation, outcomes));
    });
  show(invocation, { instances: [], socketPath: undefined, changes: [], outcomes, notes: [] });
}

function recordOf({ given, environment }: WithoutSettings): SetupRecord {
  return setupRecordBeside(configurationPath(given, environment));
}

/** Each outcome is shown at once: what follows it may fail. */
function tracked(invocation: WithoutSettings, outcomes: Outcome[]): Parameters<typeof undoChanges>[0] {
  const { given, print } = invocation;
  return {
    places: systemPlaces,
    keeper: recordOf(invocation),
    tell: (outcome) => {
      outcomes.push(outcome);
      if (!given.has('json')) print(`${outcomeText(outcome)}\n`);
    },
  };
}

function show({ given, print }: WithoutSettings, shown: Shown): void {
  if (given.has('json')) print(jsonOf(shown));
  else print(given.has('remove') ? removedText(shown) : textOf(shown, given.has('apply')));
}

function removedText({ outcomes }: Shown): string {
  return outcomes.length === 0 ? 'There is nothing to undo: setup has changed nothing here.\n' : '';
}

function textOf({ instances, socketPath, changes, notes }: Shown, isApplied: boolean): string {
  const what = isApplied
    ? []
    : [
        'To do, which tlsrpt setup postfix --apply does:',
        ...changes.map(changeText),
        '  and each Postfix that changes is reloaded',
      ];
  return [
    ...instances.map(instanceText),
    `socket: ${withoutControls(socketPath ?? '')}`,
    ...(changes.length === 0 ? ['Nothing has to be changed.'] : what),
    ...(notes.length === 0 ? [] : ['By hand:', ...notes.map((note) => `  ${withoutControls(note)}`)]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function jsonOf({ instances, socketPath, changes, outcomes, notes }: Shown): string {
  const states = outcomes.flatMap((outcome) =>
    'change' in outcome
      ? [{ ...changeJson(outcome.change), state: outcome.kind, ...('why' in outcome ? { why: outcome.why } : {}) }]
      : [],
  );
  return jsonText({
    instances: instances.map(({ configDirectory, version, queueDirectory, user, clients }) => ({
      configDirectory,
      version,
      queueDirectory,
      user,
      chrooted: clients.some((client) => client.isChrooted),
    })),
    socket: socketPath ?? null,
    changes: outcomes.length > 0 ? states : changes.map((change) => ({ ...changeJson(change), state: 'to-do' })),
    notes,
  });
}

function changeJson({ place, value, before }: Change): object {
  return { ...place, value, before };
}
