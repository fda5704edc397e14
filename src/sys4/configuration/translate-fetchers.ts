/**
 * The fetchers of sys4's reporter as sources of ours. The one that reads this host's own collector goes: where `tlsrpt collect` takes that
 * collector's place, its day would be waited for and never come.
 */
import { commandWords, inQuotes } from '#support/command-words.ts';
import { withoutCredentials } from './hide-credentials.ts';
import type { ForeignKey } from './read-foreign.ts';
import type { ForeignContext, Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

const NOTE = 'The old fetchers. Where a host runs tlsrpt collect, write sftp://USER@HOST/var/lib/tlsrpt instead.';

export function sources(value: string, context: ForeignContext): readonly Translation[] {
  const commands = commandsIn(value);
  const own = ownFetchers(value, context);
  const others = commands.filter((command) => !own.includes(command));
  return [
    ...(others.length > 0 ? [setting('sources', others.map(asOurs), [NOTE])] : []),
    ...(own.length > 0
      ? [
          advice(
            `${withoutCredentials(own.join(', '))}: what tlsrpt collect counts on this host is reported without fetching.`,
          ),
        ]
      : []),
  ];
}

/** sys4's reporter splits at blanks and knows no quotes, so that `&&` and the like are for the shell of another host; here they need quotes. */
function asOurs(command: string): string {
  const words = wordsOf(command);
  const isTheSame = JSON.stringify(commandWords(command)) === JSON.stringify(words);
  return isTheSame ? command : inQuotes(words);
}

function wordsOf(command: string): string[] {
  return command.split(/\s+/);
}

/** Those that read the collector of this host. */
export function ownFetchers(value: string, context: ForeignContext): readonly string[] {
  return commandsIn(value).filter((command) => isOwn(command, context));
}

/** `isMove`: what the fetcher's own section names is moved as well, so that its collector is replaced. */
export function contextOf(keys: readonly ForeignKey[], { isMove }: { readonly isMove: boolean }): ForeignContext {
  const replaced = ['tlsrpt_collectd', ...(isMove ? ['tlsrpt_fetcher'] : [])];
  const storages = replaced.flatMap((name) => storageIn(keys.filter(({ section }) => section === name)));
  return { collectorStorage: storages.find((storage) => storage !== '') ?? storages[0] };
}

function storageIn(keys: readonly ForeignKey[]): string[] {
  return keys.length === 0 ? [] : [keys.find(({ key }) => key === 'storage')?.value ?? ''];
}

function commandsIn(value: string): string[] {
  return value
    .split(/[,\n]/)
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

const FETCHER = /(?:^|\/)tlsrpt[-_]fetcher(?:\.py)?$/;
/** They run it on this host, unless one of the others is among what they run. */
const LOCAL = /(?:^|\/)(?:sudo|doas|runuser|setpriv|env|nice|ionice|timeout|python3?)$/;
const ELSEWHERE = /(?:^|\/)(?:ssh|rsh|docker|podman|kubectl|lxc|machinectl|nsenter|chroot)$/;

/** Run on this host, on the database of the collector that is imported as well. */
function isOwn(command: string, { collectorStorage }: ForeignContext): boolean {
  if (collectorStorage === undefined) return false;
  const words = wordsOf(command);
  const program = words.findIndex((word) => FETCHER.test(word));
  const wrapping = words.slice(0, Math.max(program, 0));
  const isHere = wrapping.length === 0 || LOCAL.test(wrapping[0] ?? '');
  if (program < 0 || !isHere || wrapping.some((word) => ELSEWHERE.test(word))) return false;
  const storage = optionValue(words.slice(program + 1), '--storage');
  return storage === undefined || storage === collectorStorage;
}

/** `--name VALUE` or `--name=VALUE`. */
function optionValue(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, word] of args.entries()) {
    if (names.includes(word)) return args[index + 1];
    const name = names.find((one) => one.startsWith('--') && word.startsWith(`${one}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return undefined;
}
