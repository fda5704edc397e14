/**
 * The newest section of docs/changelog.md, in the form that Debian's tools read (deb-changelog(5)).
 */
import { readFileSync } from 'node:fs';
import { wrappedAt } from './wrapped-at.ts';

export interface ChangelogEdition {
  readonly version: string;
  readonly timeS: number;
}

export function debianChangelog({ version, timeS }: ChangelogEdition, maintainer: string): string {
  const [, section = ''] = readFileSync('docs/changelog.md', 'utf8').split(/^## .*$/m);
  const items = section
    .split(/^(?=- )/m)
    .filter((text) => text.startsWith('- '))
    .map((text) => itemOf(text.slice(2)));
  const date = new Date(timeS * 1_000).toUTCString().replace('GMT', '+0000');
  return `tlsrpt (${version}) unstable; urgency=medium\n\n${items.join('')}\n -- ${maintainer}  ${date}\n`;
}

/** Without what follows the item in the document, such as the next heading. */
function itemOf(text: string): string {
  const [words = ''] = text.split(/\n\n|\n#/);
  return `  * ${wrappedAt(74, words.trim()).join('\n    ')}\n`;
}
