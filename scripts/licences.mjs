/**
 * The licences of everything that the executable consists of, as one text: those of the packages that esbuild says it bundled, and of what is
 * embedded besides.
 *
 * A package without a file that holds its licence is looked up in its README; one without that as well ends the build.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying)([.-]|$)/i;
const LICENCE_SECTION = /^#+ *licen[cs]e *\n|^licen[cs]e\n-+\n/im;
const RULE = '-'.repeat(78);

/** `directories` are those of packages; `own` is the licence of the program itself. Packages with one and the same licence share its text. */
export function licencesText(own, directories) {
  const holders = new Map();
  for (const directory of directories) {
    const text = licenceOf(directory);
    holders.set(text, [...(holders.get(text) ?? []), nameOf(directory)]);
  }
  const parts = [...holders].map(([text, names]) => [[...new Set(names)].sort().join(', '), text]);
  parts.sort(([one], [other]) => (one < other ? -1 : 1));
  return [['tlsrpt', own], ...parts].map(([names, text]) => `${names}\n\n${text.trim()}\n`).join(`\n${RULE}\n\n`);
}

/** Where each package is that something of went into the bundles, however deep it lies. */
export function bundledPackages(metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.entries(output.inputs)),
  );
  const paths = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return [...new Set(paths.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []))];
}

function nameOf(directory) {
  const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return `${name} ${version}`;
}

function licenceOf(directory) {
  const names = readdirSync(directory);
  const file = names.find((name) => LICENCE_FILE.test(name));
  if (file !== undefined) return read(directory, file);
  const readme = names.find((name) => /^readme/i.test(name));
  const [, section] = readme === undefined ? [] : read(directory, readme).split(LICENCE_SECTION);
  if (section === undefined) throw new Error(`${directory} has neither a file with its licence nor one in its README`);
  return section;
}

function read(directory, name) {
  return readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n');
}
