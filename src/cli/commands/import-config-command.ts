/**
 * `tlsrpt import-config [FILE...]`: prints our configuration, made from that of sys4's tlsrpt-reporter: its files, and the variables of its
 * container images in the environment.
 *
 * Problems: foreign-configuration-unreadable.
 */
import { readFileSync } from 'node:fs';
import { importSys4 } from '#sys4/configuration/import-sys4.ts';
import type { ForeignFile } from '#sys4/configuration/import-sys4.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { usageError } from '#cli/command.ts';
import type { Command } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import { withoutControlsButLines } from '#cli/output/log-writer.ts';

export const importConfigCommand: Command = {
  name: 'import-config',
  positionals: '[files..]',
  summary: "Print a configuration made from sys4's collectd.cfg, fetcher.cfg and reportd.cfg",
  flags: [],
  settings: [],
  run: ({ positionals, environment, print }) => {
    const result = importSys4(positionals.map(readForeignFile), environment);
    if (result.kind === 'nothing') throw usageError('import-config needs the files: /etc/tlsrpt/*.cfg');
    if (result.kind === 'unreadable') throw unreadable(result.problems.join('\n  '));
    print(withoutControlsButLines(result.toml));
    return Promise.resolve(exitCode.done);
  },
};

function readForeignFile(path: string): ForeignFile {
  try {
    return { path, content: readFileSync(path) };
  } catch (error) {
    throw unreadable(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

function unreadable(message: string): Problem {
  return new Problem('foreign-configuration-unreadable', message);
}
