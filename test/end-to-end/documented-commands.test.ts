/**
 * The commands that the documents and the help show: each is one that the program takes, flags and words alike.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'shell-quote';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '#cli/arguments/command-settings.ts';
import { commandNamed, parseWords, wordsOf } from '#cli/arguments/parse-words.ts';
import { commands } from '#cli/commands.ts';

const BY_ITSELF = ['--version', '--licenses', '--help', 'help', 'completion'];

/** In blocks for a shell, up to a pipe, a comment or where the output goes. */
function commandsIn(document: string): string[][] {
  const blocks = [...readFileSync(document, 'utf8').matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('tlsrpt '))
    .map(wordsIn);
}

function wordsIn(line: string): string[] {
  const entries = parse(line.replace(/^tlsrpt /, ''));
  const end = entries.findIndex((entry) => typeof entry !== 'string');
  return entries.slice(0, end === -1 ? undefined : end).map(String);
}

async function isTaken(words: readonly string[]): Promise<boolean> {
  if (BY_ITSELF.includes(words[0] ?? '')) return true;
  const command = commandNamed(words, commands);
  if (!command) return false;
  const { values } = await parseWords(words, commands);
  const [, ...others] = wordsOf(values['_']);
  settingsOf(command, { words, values }, {}); // throws for what the command does not take
  return others.length <= (command.mostWords ?? 0);
}

describe('a command that is shown', () => {
  it.each(['README.md', 'docs/tasks.md', 'docs/operating.md', 'docs/json.md', 'docs/reading.md', 'docs/watch.md'])(
    'in %s can be typed',
    async (document) => {
      const shown = commandsIn(document);
      expect(shown).not.toEqual([]);
      for (const words of shown) expect({ words, taken: await isTaken(words) }).toEqual({ words, taken: true });
    },
  );

  it('as an example in help can be typed', async () => {
    const shown = commands.flatMap(({ examples }) => examples.map(([words]) => wordsIn(`tlsrpt ${words}`)));
    for (const words of shown) expect({ words, taken: await isTaken(words) }).toEqual({ words, taken: true });
  });
});
