/**
 * The fetchers of sys4's reporter as sources of ours. The one that reads this host's own collector goes: where `tlsrpt collect` takes that
 * collector's place, its day would be waited for and never come.
 */
import { commandWords } from '#support/command-words.ts';
import type { ForeignContext, Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

const NOTE = 'The old fetchers. Where a host runs tlsrpt collect, write sftp://USER@HOST/var/lib/tlsrpt instead.';

export function sources(value: string, context: ForeignContext): readonly Translation[] {
  const commands = value
    .split(/[,\n]/)
    .map((command) => command.trim())
    .filter((command) => command !== '');
  const own = commands.filter((command) => isOwn(command, context));
  const others = commands.filter((command) => !own.includes(command));
  return [
    ...(others.length > 0 ? [setting('sources', others, NOTE)] : []),
    ...(own.length > 0
      ? [advice(`${own.join(', ')}: what tlsrpt collect counts on this host is reported without fetching.`)]
      : []),
  ];
}

/** Run without ssh or the like, on the database of the collector that is imported as well. */
function isOwn(command: string, { collectorStorage }: ForeignContext): boolean {
  if (collectorStorage === undefined) return false;
  const [program = '', ...args] = commandWords(command) ?? [];
  if (!/(?:^|\/)tlsrpt-fetcher$/.test(program)) return false;
  const storage = optionValue(args, '--storage');
  return storage === undefined || storage === collectorStorage;
}

/** `--name VALUE` or `--name=VALUE`. */
export function optionValue(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, word] of args.entries()) {
    if (names.includes(word)) return args[index + 1];
    const name = names.find((one) => one.startsWith('--') && word.startsWith(`${one}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return undefined;
}
