/**
 * `npm run package [-- --version VERSION]`: builds dist/tlsrpt_VERSION_all.deb, dist/tlsrpt-VERSION.tar.gz and their checksums.
 *
 * Node.js and npm are all it takes: the archives are written here. The same sources give the same bytes; the time in them is that of the last
 * commit, or SOURCE_DATE_EPOCH.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { debianPackage } from './debian-package.ts';
import { fetchOtherNatives } from './other-natives.ts';
import { tarball } from './tarball.ts';

const { version: packageVersion } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const { values } = parseArgs({ options: { version: { type: 'string', default: packageVersion } } });

fetchOtherNatives();
execFileSync(process.execPath, ['scripts/build.mjs', '--release'], { stdio: 'inherit' });
const edition = editionOf(values.version);
const archives: readonly (readonly [name: string, content: Buffer])[] = [
  [`tlsrpt_${edition.version}_all.deb`, debianPackage(edition)],
  [`tlsrpt-${edition.version}.tar.gz`, tarball(edition)],
];
for (const [name, content] of archives) writeFileSync(`dist/${name}`, content);
writeFileSync('dist/SHA256SUMS', archives.map(([name, content]) => `${sha256(content)}  ${name}\n`).join(''));
process.stdout.write(archives.map(([name]) => `dist/${name}\n`).join(''));

function editionOf(version: string): { version: string; timeS: number; date: string } {
  const timeS = Number(
    process.env['SOURCE_DATE_EPOCH'] ?? lastCommitS() ?? Math.floor(statSync('package.json').mtimeMs / 1_000),
  );
  return { version, timeS, date: new Date(timeS * 1_000).toISOString().slice(0, 10) };
}

/** Undefined outside of a repository, or without git. */
function lastCommitS(): string | undefined {
  try {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8', stdio }).trim();
  } catch {
    return undefined;
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
