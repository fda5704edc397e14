/**
 * Asks Postfix how it is set up, and sets it up, by postconf(1), postfix(1) and postmap(1).
 *
 * Problems: postfix-not-found, no-permission, system-command-failed, configuration-error.
 */
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf, Problem } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';

const MAIN_CF = 'main.cf';

/** What a command of Postfix prints. */
export function askPostfix(command: string, words: readonly string[]): string {
  const { exitCode, output, complaint, isMissing } = readCommand(command, words);
  if (exitCode === 0) return output;
  if (isMissing)
    throw new Problem(
      'postfix-not-found',
      `There is no Postfix on this host: the command ${command} is not found. Install Postfix 3.10 or later, or set PATH to where it is.`,
    );
  throw failure(`${command} ${words.join(' ')}`, complaint);
}

/** Parameters by name, as they are in force or, with `-n`, as main.cf has them. Unknown ones are missing. */
export function readParameters(
  configDirectory: string,
  mode: '-x' | '-n',
  names: readonly string[],
): Readonly<Record<string, string>> {
  return parametersIn(askPostfix('postconf', ['-c', configDirectory, mode, ...names]));
}

/** Null takes it out of main.cf. */
export function writeParameter(configDirectory: string, name: string, value: string | null): void {
  const mainCf = mainCfOf(configDirectory);
  if (basename(mainCf) !== MAIN_CF)
    throw new Problem(
      'configuration-error',
      `${join(configDirectory, MAIN_CF)} leads to ${mainCf}, and postconf changes no file of such a name. ` +
        `Write it there yourself: ${value === null ? `no ${name}` : `${name} = ${value}`}`,
    );
  const words = value === null ? ['-X', name] : ['-e', `${name}=${value}`];
  askPostfix('postconf', ['-c', dirname(mainCf), ...words]);
}

/** Where main.cf really is: postconf(1) would put a file in the place of a symbolic link. */
export function mainCfOf(configDirectory: string): string {
  const path = join(configDirectory, MAIN_CF);
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return path; // postconf has words for it
  }
}

/** Returns false when that instance does not run; it reads its settings when it starts. */
export function reloadPostfix(configDirectory: string): boolean {
  const status = readCommand('postfix', ['-c', configDirectory, 'status']);
  if (status.exitCode !== 0) return false;
  askPostfix('postfix', ['-c', configDirectory, 'reload']);
  return true;
}

/** Whether a lookup table answers, be it that it has nothing. postmap(1) complains of one that does not. */
export function answersLookup(configDirectory: string, map: string, key: string): boolean {
  const { exitCode, complaint } = readCommand('postmap', ['-c', configDirectory, '-q', key, map]);
  return exitCode === 0 || (exitCode === 1 && complaint === '');
}

export function parametersIn(output: string): Readonly<Record<string, string>> {
  const pairs = output.split('\n').flatMap((line): [string, string][] => {
    const [, name, value] = /^(\S+) = ?(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, (value ?? '').trim()]];
  });
  return Object.fromEntries(pairs);
}

function failure(command: string, complaint: string): Problem {
  if (/permission denied|reserved for the superuser/i.test(complaint))
    return new Problem('no-permission', `${command} was not allowed: ${complaint}. Run this as root.`);
  return new Problem(
    'system-command-failed',
    `${command} failed: ${complaint === '' ? 'it said nothing' : complaint}. Run it by hand, mend what it says, and run this again.`,
  );
}
