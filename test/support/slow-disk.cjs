/**
 * Preloaded into the executable (NODE_OPTIONS=--require): while the file SLOW_DISK is there, each write and each sync takes so long that
 * whoever makes it is late for everything else.
 */
'use strict';
const fs = require('node:fs');

const SLOW_MS = 400;

const { SLOW_DISK: flag = '' } = process.env;
const { existsSync } = { ...fs };
const sleeper = new Int32Array(new SharedArrayBuffer(4));

for (const name of ['writeSync', 'fsyncSync']) {
  const original = fs[name];
  fs[name] = (...values) => {
    if (existsSync(flag)) Atomics.wait(sleeper, 0, 0, SLOW_MS);
    return original(...values);
  };
}
