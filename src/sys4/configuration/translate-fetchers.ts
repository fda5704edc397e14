/**
 * The fetchers of sys4's reporter as sources of ours. The one that reads this host's own collector goes: where `tlsrpt collect` takes that
 * collector's place, its day would be waited for and never come.
 */
import { commandWords, inQuotes } from '#support/command-words.ts';
import { shownFetcher } from './decided-fetchers.ts';
import { fetcherCommands } from './fetcher-command.ts';
import { judgeFetcher } from './judge-fetcher.ts';
import type { ForeignContext, Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

const NOTE = 'The old fetchers. Where a host runs tlsrpt collect, write sftp://USER@HOST/var/lib/tlsrpt instead.';

export function sources(value: string, context: ForeignContext): readonly Translation[] {
  const judged = fetcherCommands(value).map((words) => judgeFetcher(words, context));
  const others = judged.filter(({ reads }) => reads !== 'own');
  const kept = others.map(({ words }) => asOurs(words));
  const notes = [NOTE, ...others.map(({ words, why }) => `${shownFetcher(words)}: kept, since ${why}.`)];
  return [
    ...(kept.length > 0 ? [setting('sources', kept, notes)] : []),
    ...judged
      .filter(({ reads }) => reads === 'own')
      .map(({ words, why }) =>
        advice(`${shownFetcher(words)}: replaced, since ${why}; that is reported without fetching.`),
      ),
  ];
}

/** sys4's reporter knows no quotes, so that `&&` and the like are for the shell of another host; here they need quotes. */
function asOurs(words: readonly string[]): string {
  const command = words.join(' ');
  return JSON.stringify(commandWords(command)) === JSON.stringify(words) ? command : inQuotes(words);
}
