/**
 * Writes tar archives (ustar, POSIX.1-1988) and ar archives, which are what a Debian package is made of (deb(5)).
 *
 * The same entries give the same bytes: everything belongs to root and has the one time that is given.
 */
export interface Entry {
  /** Without a slash at its beginning; a directory's ends with one. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const CHECKSUM_AT = 148;

/** With every directory before what is in it. `timeS` is in seconds since the epoch. */
export function tarOf(entries: readonly Entry[], timeS: number, prefix = ''): Buffer {
  const all = [...directoriesOf(entries), ...entries].map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }));
  all.sort((one, other) => (one.path < other.path ? -1 : 1));
  return Buffer.concat([...all.flatMap((entry) => blocksOf(entry, timeS)), Buffer.alloc(2 * BLOCK)]);
}

function directoriesOf(entries: readonly Entry[]): Entry[] {
  const paths = entries.flatMap(({ path }) =>
    [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1)).filter((parent) => parent !== path),
  );
  const listed = new Set(entries.map(({ path }) => path));
  return [...new Set(paths)]
    .filter((path) => !listed.has(path))
    .map((path) => ({ path, mode: 0o755, content: new Uint8Array() }));
}

function blocksOf({ path, mode, content }: Entry, timeS: number): Buffer[] {
  if (Buffer.byteLength(path) > NAME_BYTES) throw new Error(`${path} is too long a name for a tar archive`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at);
  };
  header.write(path, 0);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(content.length, 124, 11);
  octal(timeS, 136, 11);
  header.fill(' ', CHECKSUM_AT, CHECKSUM_AT + 8);
  header.write(path.endsWith('/') ? '5' : '0', 156);
  header.write('ustar\x0000root', 257);
  header.write('root', 297);
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM_AT);
  return [header, Buffer.from(content), Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

/** Of files alone. */
export function arOf(entries: readonly Entry[], timeS: number): Buffer {
  return Buffer.concat([Buffer.from('!<arch>\n'), ...entries.flatMap((entry) => memberOf(entry, timeS))]);
}

function memberOf({ path, mode, content }: Entry, timeS: number): Buffer[] {
  const size = String(content.length).padEnd(10);
  const header = `${path.padEnd(16)}${String(timeS).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}100${mode.toString(8).padEnd(5)}${size}\`\n`;
  return [Buffer.from(header), Buffer.from(content), Buffer.from(content.length % 2 === 0 ? '' : '\n')];
}
