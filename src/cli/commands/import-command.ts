/**
 * `tlsrpt import sys4`: moves from sys4's tlsrpt-reporter in one go: its configuration and maps, what its collector counted, and which reports
 * were delivered, so that nothing is sent twice and nothing is lost on the day of the change.
 *
 * Its programs must have ended, unless it is only shown what would be moved. All of it is checked before anything is written, and a second run takes what is new.
 * Problems: foreign-configuration-unreadable, foreign-database-unreadable, foreign-program-running, configuration-error, file-not-written, and those of
 * move-sys4-state.ts.
 */
import { join, resolve } from 'node:path';
import { isThere } from '#support/is-there.ts';
import { withoutControlsButLines } from '#support/without-controls.ts';
import type { Imported } from '#sys4/configuration/import-sys4.ts';
import { shownFetcher } from '#sys4/configuration/decided-fetchers.ts';
import { findInstallation, unconfiguredPrograms } from '#sys4/move/installation.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { settingsIn } from '#cli/arguments/command-settings.ts';
import { DEFAULT_CONFIGURATION } from '#cli/arguments/command-flags.ts';
import { configuredSources } from '#cli/arguments/source-address.ts';
import { checkSys4Installation } from '#cli/wiring/check-sys4-installation.ts';
import { fetcherFlags, knownOfFetchers, refuseUndecided } from '#cli/wiring/fetcher-decisions.ts';
import type { KnownOfFetchers } from '#cli/wiring/fetcher-decisions.ts';
import { importForeignFiles } from '#cli/wiring/import-foreign-files.ts';
import { ownConfiguration } from '#cli/wiring/own-configuration.ts';
import { openStore } from '#cli/wiring/state.ts';
import { diversionIn } from '#cli/wiring/sys4-diversion.ts';
import { writeImported } from '#cli/wiring/write-imported.ts';

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
      help: `The configuration file to write, by default ${DEFAULT_CONFIGURATION}. One that sets anything stays.`,
    },
    { name: 'dry-run', help: 'Print what would be moved, and change nothing.' },
    ...fetcherFlags,
  ],
  settings: ['fetchDeadline'],
  run: importSys4,
};

async function importSys4(invocation: Invocation): Promise<ExitCode> {
  const { positionals, given, settings } = invocation;
  if (positionals[0] !== 'sys4') throw usageError('import knows one program to move from: tlsrpt import sys4');
  const known = knownOfFetchers(given);
  const imported = importedFrom(given.text('from') ?? '/etc/tlsrpt', invocation, known);
  const path = resolve(given.text('to') ?? DEFAULT_CONFIGURATION);
  const dryRun = given.has('dry-run');
  const installation = findInstallation(imported.keys, { ...known, sources: configuredSources(invocation) });
  refuseUndecided([...installation.fetchers, ...installation.sources], known);
  const own = ownConfiguration(path);
  const diversion = diversionIn(imported, path, own);
  const { keepDays } = own?.settings ?? settingsIn(imported.toml, path);
  await checkSys4Installation(installation, invocation, dryRun);
  const isWritten = writeImported(imported, invocation, { path, own, dryRun });
  for (const line of isWritten ? fetcherLines(installation) : ownSourceLines(installation))
    invocation.print(withoutControlsButLines(line));
  for (const line of unconfiguredLines(imported)) invocation.print(line);
  const { moveSys4State } = await import('#cli/wiring/move-sys4-state.ts'); // with all of fetch
  const store = await openStore(invocation);
  return moveSys4State({
    ...invocation,
    store,
    installation,
    diversion,
    dryRun,
    deadlineMs: settings.fetchDeadline,
    keepDays,
  });
}

/** What became of each fetcher, and why. */
function fetcherLines({ fetchers }: Sys4Installation): string[] {
  return fetchers.map(
    ({ words, reads, why }) =>
      `fetcher ${shownFetcher(words)}: ${reads === 'own' ? 'replaced' : 'kept in fetch.sources'}, since ${why}\n`,
  );
}

/** What is to be taken out of a configuration that was there already. */
function ownSourceLines({ sources }: Sys4Installation): string[] {
  return sources
    .filter(({ reads }) => reads === 'own')
    .map(({ words, why }) => `source ${shownFetcher(words)}: take it out of fetch.sources, since ${why}\n`);
}

/** Of a reporter that is not found, what it delivered would be reported again. */
function unconfiguredLines({ keys }: Imported): string[] {
  return unconfiguredPrograms(keys).map(
    (program) => `${program}: nothing of it is moved, as neither ${FILES.join(', ')} nor a variable configures it\n`,
  );
}

function importedFrom(directory: string, { environment, settings }: Invocation, known: KnownOfFetchers): Imported {
  const files = FILES.map((name) => join(directory, name)).filter(isThere);
  return importForeignFiles(files, environment, {
    missing: `There is none of ${FILES.join(', ')} in ${directory}; name another directory with --from.`,
    stateDir: settings.stateDir,
    isMove: true,
    ...known,
  });
}
