/**
 * Loads koffi, which calls the C library that Node.js itself runs on.
 *
 * The native part is inside the executable. It is unpacked into a new directory that only this user can enter, below one in which
 * nobody else can rename it (see private-place.ts), loaded, and removed at once. A directory on a file system mounted noexec cannot be
 * used; the next one is tried. The file stays open, so threads load what was unpacked, and nothing is unpacked later.
 * What came of it is remembered: what can do without asks first, and must not try every place again.
 * Problems: native-library-unavailable.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type * as Koffi from 'koffi';
import { readKoffiNative } from './embedded-file.ts';
import { isFileLimit, LET_IT_OPEN_MORE } from './file-limit.ts';
import { whyNotPrivate } from './private-place.ts';
import { messageOf, Problem } from './problem.ts';
import { exitWhereUnsynced } from './unsynced-exit.ts';

export type KoffiLibrary = typeof Koffi;

/** Where threads find the file that this one unpacked. */
const UNPACKED = 'tlsrpt:koffi';

let attempt: KoffiLibrary | Problem | undefined;

export function loadKoffi(): KoffiLibrary {
  const result = attemptToLoad();
  if (result instanceof Problem) throw result;
  return result;
}

/** For those who can do without it. */
export function attemptToLoad(): KoffiLibrary | Problem {
  attempt ??= loadOrSayWhy();
  return attempt;
}

function loadOrSayWhy(): KoffiLibrary | Problem {
  try {
    const unpacked = getEnvironmentData(UNPACKED);
    return typeof unpacked === 'string' ? open(unpacked) : unpack(readNative());
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function readNative(): Uint8Array {
  const platform = `${isMusl() ? 'musl' : 'linux'}_${process.arch}`;
  const native = process.platform === 'linux' ? readKoffiNative(platform) : undefined;
  if (native) return native;
  throw unavailable(`this executable has no native part for ${process.platform} ${platform}`, CHOOSE_A_PLACE);
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}

function unpack(native: Uint8Array): KoffiLibrary {
  const failures: string[] = [];
  let isLimited = false;
  for (const parent of unpackingPlaces()) {
    try {
      const why = whyNotPrivate(parent);
      if (why === undefined) return loadFrom(parent, native);
      failures.push(why);
    } catch (error) {
      failures.push(`${parent}: ${messageOf(error)}`);
      isLimited ||= isFileLimit(error);
    }
  }
  throw unavailable(failures.join('; '), isLimited ? LET_IT_OPEN_MORE : CHOOSE_A_PLACE);
}

/** systemd lists several runtime directories with colons in between. */
function unpackingPlaces(): string[] {
  const runtime = process.env['RUNTIME_DIRECTORY']?.split(':') ?? [process.env['XDG_RUNTIME_DIR'] ?? ''];
  return [...new Set([tmpdir(), ...runtime.filter((path) => path !== ''), '/dev/shm', '/var/tmp'])];
}

function loadFrom(parent: string, native: Uint8Array): KoffiLibrary {
  const directory = mkdtempSync(join(parent, 'tlsrpt-'));
  try {
    const file = join(directory, 'koffi.node');
    writeFileSync(file, native, { mode: 0o700, flag: 'wx' });
    return openForThreads(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function openForThreads(file: string): KoffiLibrary {
  const fd = openSync(file, 'r');
  try {
    const library = open(file);
    setEnvironmentData(UNPACKED, `/proc/self/fd/${String(fd)}`);
    return library;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function open(file: string): KoffiLibrary {
  const module = { exports: {} };
  process.dlopen(module, file);
  const koffi = module.exports as KoffiLibrary;
  exitWhereUnsynced(koffi.load(null).func('void _exit(int)'));
  return koffi;
}

const CHOOSE_A_PLACE =
  'Set TMPDIR to a directory that is not mounted noexec, where neither it nor those above it can be changed by other users.';

/** `remedy` is a sentence. */
function unavailable(why: string, remedy: string): Problem {
  return new Problem(
    'native-library-unavailable',
    `The native library for sockets and file locks cannot be loaded (${why}). ${remedy} Without the library collect receives with ` +
      '--stdin only, and file locks need the command flock.',
  );
}
