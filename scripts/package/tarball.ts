/**
 * The tarball for systems without apt: a tree, the configuration file, and a script that installs them.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { configurationFile } from './configuration-file.ts';
import { file, installedFiles, ownFile } from './installed-files.ts';
import type { Edition } from './manual-pages.ts';
import { tarOf } from './tar.ts';

export function tarball(edition: Edition & { readonly timeS: number }): Buffer {
  const completions = { zsh: 'zsh/site-functions', fish: 'fish/vendor_completions.d' };
  const place = { executable: '@PREFIX@/bin/tlsrpt', node: undefined, completions };
  const entries = [
    file('install', ownFile('install'), 0o755),
    file('tlsrpt.toml', configurationFile()),
    file('README.md', readFileSync('README.md')),
    file('LICENCES', readFileSync('dist/licences.txt')),
    ...installedFiles(edition, place).map((entry) => ({ ...entry, path: `tree/${entry.path}` })),
  ];
  return gzipSync(tarOf(entries, edition.timeS, `tlsrpt-${edition.version}/`), { level: 9 });
}
