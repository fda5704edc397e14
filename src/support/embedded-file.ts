/**
 * Binary files that the program carries with it: SQLite's WebAssembly and the native part of koffi.
 *
 * Run from source they are read where npm put them. In the executable the build puts a module in this one's place that holds
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
