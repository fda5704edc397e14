/**
 * Loads koffi, which calls the C library that Node.js itself runs on.
 *
 * The native part is inside the executable. It is unpacked into a directory of its own that only this user can enter, loaded, and
 * removed at once, so nobody can put another file in its place. A directory on a file system mounted noexec cannot be used; the
 * next one is tried. What came of it is remembered: what can do without asks first, and must not try every place again.
 * Problems: native-library-unavailable.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type * as Koffi from 'koffi';
import { readKoffiNative } from './embedded-file.ts';
import { messageOf, Problem } from './problem.ts';

export type KoffiLibrary = typeof Koffi;

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
    return loadNative(readNative());
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function readNative(): Uint8Array {
  const platform = `${isMusl() ? 'musl' : 'linux'}_${process.arch}`;
  const native = process.platform === 'linux' ? readKoffiNative(platform) : undefined;
  if (native) return native;
  throw unavailable(`this executable has no native part for ${process.platform} ${platform}`);
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}

function loadNative(native: Uint8Array): KoffiLibrary {
  const failures: string[] = [];
  for (const parent of unpackingPlaces()) {
    try {
      return loadFrom(parent, native);
    } catch (error) {
      failures.push(`${parent}: ${messageOf(error)}`);
    }
  }
  throw unavailable(failures.join('; '));
}

/** systemd lists several runtime directories with colons in between. The last one is the working directory. */
function unpackingPlaces(): string[] {
  const runtime = process.env['RUNTIME_DIRECTORY']?.split(':') ?? [process.env['XDG_RUNTIME_DIR'] ?? ''];
  return [...new Set([tmpdir(), ...runtime.filter((path) => path !== ''), '/dev/shm', '/var/tmp', '.'])];
}

function loadFrom(parent: string, native: Uint8Array): KoffiLibrary {
  const directory = mkdtempSync(join(resolve(parent), 'tlsrpt-'));
  try {
    const file = join(directory, 'koffi.node');
    writeFileSync(file, native, { mode: 0o700 });
    const module = { exports: {} };
    process.dlopen(module, file);
    return module.exports as KoffiLibrary;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function unavailable(why: string): Problem {
  return new Problem(
    'native-library-unavailable',
    `The native library for sockets and file locks cannot be loaded (${why}). ` +
      'Set TMPDIR to a directory that this user can write to and that is not mounted noexec. ' +
      'Without it collect needs a socket that systemd made, and file locks need the command flock.',
  );
}
