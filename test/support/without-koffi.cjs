/**
 * Preloaded into the executable (NODE_OPTIONS=--require): no native library can be loaded, as where every directory is mounted noexec.
 */
'use strict';
process.dlopen = (_module, file) => {
  throw new Error(`${file}: failed to map segment from shared object`);
};
