/**
 * What each exit code means, as docs/operating.md says it.
 */
import { readFileSync } from 'node:fs';

export function exitMeanings(): [code: string, meaning: string][] {
  const [, section = ''] = readFileSync('docs/operating.md', 'utf8').split(/^## Exit codes$/m);
  const [table = ''] = section.split(/^## /m);
  const rows = [...table.matchAll(/^\| (\d+) +\| (.*?) *\|$/gm)].map(
    ([, code = '', meaning = '']): [string, string] => [code, `${meaning.replaceAll('`', '')}.`],
  );
  if (rows.length === 0) throw new Error('docs/operating.md has no table of exit codes');
  return rows;
}
