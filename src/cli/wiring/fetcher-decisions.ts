/**
 * What only the operator knows of fetchers: whether one that may read either reads this host's own old collector.
 *
 * A source too many would count this host's sessions twice, and one too few would lose those of another host, so nothing is guessed.
 * Problems: configuration-error, usage-error.
 */
import { hostname } from 'node:os';
import { ownAddresses } from '#adapters/https/own-addresses.ts';
import { isAbout, shownFetcher } from '#sys4/configuration/decided-fetchers.ts';
import type { FetcherDecision } from '#sys4/configuration/decided-fetchers.ts';
import type { FetcherKnowledge, JudgedFetcher } from '#sys4/configuration/judge-fetcher.ts';
import { inQuotes } from '#support/command-words.ts';
import { configurationError, usageError } from '#cli/command.ts';
import type { Flag, GivenFlags } from '#cli/command.ts';

const FLAGS = { own: 'own-fetcher', other: 'other-fetcher' } as const;

/** Of the commands that import fetchers. */
export const fetcherFlags: readonly Flag[] = [
  {
    name: FLAGS.own,
    argument: 'COMMAND',
    isList: true,
    help: 'A fetcher that reads the collector of this host whose place tlsrpt collect takes: it is replaced. May be repeated.',
  },
  {
    name: FLAGS.other,
    argument: 'COMMAND',
    isList: true,
    help: 'A fetcher that reads another collector: it stays in fetch.sources. May be repeated.',
  },
];

export type KnownOfFetchers = Required<Pick<FetcherKnowledge, 'hostNames' | 'decisions'>>;

export function knownOfFetchers(given: GivenFlags): KnownOfFetchers {
  const decisions = (['own', 'other'] as const).flatMap((reads) =>
    given.texts(FLAGS[reads]).map((command): FetcherDecision => ({ reads, command })),
  );
  return { hostNames: [hostname(), ...ownAddresses()], decisions };
}

/** Throws unless it is known of all of them what they read, and each decision is about one of them. */
export function refuseUndecided(judged: readonly JudgedFetcher[], { decisions }: KnownOfFetchers): void {
  refuseStray(judged, decisions);
  const undecided = new Map(
    judged.filter(({ reads }) => reads === 'unknown').map(({ words, why }) => [shownFetcher(words), why]),
  );
  if (undecided.size === 0) return;
  throw configurationError(
    'Nothing was written, since a fetcher may read the old collector of this host, and what that counted would count twice:',
    [...[...undecided].flatMap(([command, why]) => question(command, why)), 'Say it of each, and run this again.'],
  );
}

function question(command: string, why: string): string[] {
  const quoted = inQuotes([command]);
  return [
    `${command}: ${why}.`,
    `  If that is the collector of this host: --${FLAGS.own} ${quoted}`,
    `  If it is another one: --${FLAGS.other} ${quoted}`,
  ];
}

/** What is about none was mistyped; of what is about one both ways, one is wrong. */
function refuseStray(judged: readonly JudgedFetcher[], decisions: readonly FetcherDecision[]): void {
  const known = [...new Set(judged.map(({ words }) => shownFetcher(words)))];
  for (const decision of decisions)
    if (!judged.some(({ words }) => isAbout(decision, words)))
      throw usageError(`--${FLAGS[decision.reads]} "${decision.command}" is none of the fetchers:`, known);
  for (const { words } of judged)
    if (new Set(decisions.filter((one) => isAbout(one, words)).map(({ reads }) => reads)).size > 1)
      throw usageError(`${shownFetcher(words)} is named by both --${FLAGS.own} and --${FLAGS.other}.`);
}
