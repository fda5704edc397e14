/**
 * Preloaded into the executable (NODE_OPTIONS=--require): says on stderr which native libraries are loaded.
 */
'use strict';
const { dlopen } = process;
process.dlopen = (module, file, ...flags) => {
  process.stderr.write(`dlopen ${file}\n`);
  return dlopen(module, file, ...flags);
};
