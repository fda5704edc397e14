/**
 * `tlsrpt import sys4`: moves from sys4's tlsrpt-reporter in one go: its configuration and maps, what its collector counted, and which reports
 * were delivered, so that nothing is sent twice and nothing is lost on the day of the change.
 *
 * Its programs must have ended. All of it is checked before anything is written, and a second run changes nothing.
 * Problems: foreign-configuration-unreadable, foreign-database-unreadable, foreign-program-running, configuration-error, file-not-written, and those of
 * move-sys4-state.ts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadSettings } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { Store } from '#store/store.ts';
import { publishFile } from '#support/durable-file.ts';
import { processesUsing } from '#support/open-elsewhere.ts';
import { messageOf, Problem } from '#support/problem.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import type { ImportResult, MapFile, Undecided } from '#sys4/configuration/import-sys4.ts';
import { findInstallation } from '#sys4/move/installation.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { configurationError, usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { DEFAULT_CONFIGURATION } from '#cli/arguments/command-flags.ts';
import { settingsProblem } from '#cli/arguments/command-settings.ts';
import { destinationMapsIn, destinationMapsOf } from '#cli/wiring/destination-maps.ts';
import { importForeignFiles } from '#cli/wiring/import-foreign-files.ts';
import { checkSys4Databases } from '#cli/wiring/open-sys4-databases.ts';
import { asOwner } from '#cli/wiring/owner.ts';
import { openStore, statePathOf } from '#cli/wiring/state.ts';

type Imported = Extract<ImportResult, { kind: 'imported' }>;

const FILES = ['collectd.cfg', 'fetcher.cfg', 'reportd.cfg'];

export const importCommand: Command = {
  name: 'import',
  summary: 'Move here from another program: from sys4 its configuration, counted sessions and deliveries',
  usages: ['sys4'],
  mostWords: 1,
  examples: [
    ['import sys4 --dry-run', 'show what would be taken over'],
    ['import sys4', 'take over configuration, sessions and deliveries'],
  ],
  flags: [
    {
      name: 'from',
      argument: 'DIR',
      help: 'Where collectd.cfg, fetcher.cfg and reportd.cfg are, by default /etc/tlsrpt.',
    },
    {
      name: 'to',
      argument: 'FILE',
      help: `The configuration file to write, by default ${DEFAULT_CONFIGURATION}. One that is there stays.`,
    },
    { name: 'dry-run', help: 'Print what would be moved, and change nothing.' },
  ],
  settings: ['fetchDeadline'],
  run: importSys4,
};

async function importSys4(invocation: Invocation): Promise<ExitCode> {
  const { positionals, given, settings, environment } = invocation;
  if (positionals[0] !== 'sys4') throw usageError('import knows one program to move from: tlsrpt import sys4');
  const directory = given.text('from') ?? '/etc/tlsrpt';
  const files = FILES.map((name) => join(directory, name)).filter((path) => existsSync(path));
  const imported = importForeignFiles(files, environment, {
    missing: `There is none of ${FILES.join(', ')} in ${directory}; name another directory with --from.`,
    stateDir: settings.stateDir,
  });
  const installation = findInstallation(imported.keys);
  refuseWhileInUse(installation);
  const diversion = diversionIn(imported, configurationAt(invocation));
  await refuseUnreadable(installation, invocation);
  const dryRun = given.has('dry-run');
  writeConfiguration(imported, invocation, dryRun);
  const { moveSys4State } = await import('#cli/wiring/move-sys4-state.ts'); // with all of fetch
  const store = await openStore(invocation);
  const isWhole = await moveSys4State({
    ...invocation,
    store,
    installation,
    diversion,
    dryRun,
    deadlineMs: settings.fetchDeadline,
  });
  return isWhole ? exitCode.done : exitCode.badInput;
}

/** Where the configuration is written, unless it is there. */
function configurationAt({ given }: Invocation): string {
  return resolve(given.text('to') ?? DEFAULT_CONFIGURATION);
}

/**
 * Where the old reporter sent what it had. Of a command that may have sent it anywhere nothing is known: then the operator's own configuration
 * must say where it goes.
 */
function diversionIn({ maps, undecided }: Imported, path: string): DestinationMaps {
  const diversion = destinationMapsIn(maps);
  if (undecided.length === 0) return diversion;
  if (!existsSync(path)) throw undecidedError(undecided, path);
  const own = destinationMapsOf(settingsIn(readFileSync(path, 'utf8'), path));
  const isUndecided = (name: MapFile['name']): boolean => undecided.some(({ map }) => map === name);
  return {
    ...diversion,
    ...(isUndecided('mailMap') ? { mail: own.mail } : {}),
    ...(isUndecided('httpsMap') ? { https: own.https } : {}),
  };
}

function undecidedError(undecided: readonly Undecided[], path: string): Problem {
  const lines = undecided.flatMap(({ path: file, key, value, advice }) => [
    `${file}: ${key} = ${value}`,
    `  ${advice}`,
  ]);
  return configurationError('Nothing was written, since reports may go to others than before:', [
    ...lines,
    `Write ${path} yourself, from what tlsrpt import-config prints, and run this again: it stays as it is.`,
  ]);
}

/** What they go on writing would be missing here. */
function refuseWhileInUse({ collected, reportd }: Sys4Installation): void {
  const paths = [...collected, ...(reportd === undefined ? [] : [reportd])];
  const users = paths.flatMap((path) =>
    processesUsing(path).map(({ pid, name }) => `${path} by ${name} (${String(pid)})`),
  );
  if (users.length === 0) return;
  throw new Problem(
    'foreign-program-running',
    `Still in use: ${users.join(', ')}. Stop tlsrpt-collectd and tlsrpt-reportd, begin tlsrpt collect, and run this again.`,
  );
}

/** As they will be read: by the user whom the state directory belongs to. */
async function refuseUnreadable(installation: Sys4Installation, invocation: Invocation): Promise<void> {
  const path = statePathOf(invocation);
  const store = await Store.open(path);
  asOwner(path, () => {
    checkSys4Databases(store, installation);
  });
}

/** Maps first: a configuration without them would not load. */
function writeConfiguration({ toml, maps }: Imported, invocation: Invocation, dryRun: boolean): void {
  const { print } = invocation;
  const path = configurationAt(invocation);
  if (existsSync(path)) {
    print(`${path}: is there already and stays as it is\n`);
    return;
  }
  const files = [...maps, { path, content: toml }];
  const own = new Set(maps.map((map) => map.path));
  refuseBadMaps(settingsIn(toml, path), own);
  for (const file of files) {
    if (!dryRun) write(file.path, file.content);
    print(`${file.path}: ${dryRun ? 'would be written' : 'written'}\n`);
  }
}

function settingsIn(content: string, path: string): Settings {
  const loaded = loadSettings({ file: { path, content }, environment: {}, flags: {} });
  if (loaded.kind === 'loaded') return loaded.settings;
  throw settingsProblem(loaded.problems);
}

/** Those that are there already; the others have one line each, which is ours. */
function refuseBadMaps(settings: Settings, own: ReadonlySet<string>): void {
  const there = (path: string | undefined): string | undefined =>
    path !== undefined && own.has(path) ? undefined : path;
  const { recordMap, mailMap, httpsMap } = settings;
  destinationMapsOf({ ...settings, recordMap: there(recordMap), mailMap: there(mailMap), httpsMap: there(httpsMap) });
}

function write(path: string, content: string): void {
  try {
    publishFile(path, Buffer.from(content));
  } catch (error) {
    throw new Problem('file-not-written', `${path} cannot be written in ${dirname(path)}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
