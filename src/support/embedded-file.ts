/**
 * Files that the program carries with it: SQLite's WebAssembly, the native part of koffi, the code of its threads, and the licences of it all.
 *
 * Run from source they are read where npm and the build put them. In the executable the build puts a module in this one's place that holds
 * them, compressed; see scripts/build.mjs.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export function readSqliteWasm(): Uint8Array {
  return readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'));
}

/** `platform` is koffi's name for it, such as `linux_x64` or `musl_arm64`; undefined when it was not built in. */
export function readKoffiNative(platform: string): Uint8Array | undefined {
  const [, arch = ''] = platform.split('_');
  try {
    return readFileSync(require.resolve(`@koromix/koffi-linux-${arch}/${platform}/koffi.node`));
  } catch {
    return undefined;
  }
}

/** `name` is one of `threads` in scripts/build.mjs. */
export function readThreadCode(name: string): string {
  return readFileSync(new URL(`../../dist/threads/${name}.js`, import.meta.url), 'utf8');
}

/** Of everything that the executable consists of. */
export function readLicences(): string {
  return readFileSync(new URL('../../dist/licences.txt', import.meta.url), 'utf8');
}
