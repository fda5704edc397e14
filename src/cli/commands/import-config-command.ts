/**
 * `tlsrpt import-config [FILE...]`: prints our configuration, made from that of sys4's tlsrpt-reporter: its files, and the variables of its
 * container images in the environment.
 *
 * Problems: foreign-configuration-unreadable, configuration-error, usage-error.
 */
import { withoutControlsButLines } from '#support/without-controls.ts';
import type { Command } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import { fetcherFlags, knownOfFetchers, refuseUndecided } from '#cli/wiring/fetcher-decisions.ts';
import { importForeignFiles } from '#cli/wiring/import-foreign-files.ts';

export const importConfigCommand: Command = {
  name: 'import-config',
  summary: "Print a configuration made from sys4's collectd.cfg, fetcher.cfg and reportd.cfg",
  usages: ['FILE...'],
  mostWords: Infinity,
  examples: [
    ['import-config /etc/tlsrpt/*.cfg > tlsrpt.toml', "make a configuration of what sys4's programs were given"],
  ],
  flags: fetcherFlags,
  settings: [],
  run: ({ positionals, environment, given, print }) => {
    const known = knownOfFetchers(given);
    const { toml, fetchers } = importForeignFiles(positionals, environment, {
      missing: 'import-config needs the files: /etc/tlsrpt/*.cfg',
      ...known,
    });
    refuseUndecided(fetchers, known);
    print(withoutControlsButLines(toml));
    return Promise.resolve(exitCode.done);
  },
};
