/**
 * Preloaded into the executable (NODE_OPTIONS=--require): while the file SLOW_DISK is there, or always when none is named, each write and
 * each sync takes SLOW_DISK_MS, so that whoever waits for it is late for everything else. SLOW_DISK_CALLS, such as `fsync`, says that only
 * these calls do.
 */
'use strict';
const { aroundCalls, original } = require('./disk-calls.cjs');

const { SLOW_DISK: flag = '', SLOW_DISK_MS: ms = '400', SLOW_DISK_CALLS: calls = 'write fsync' } = process.env;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

const isSlow = () => flag === '' || original.existsSync(flag);

aroundCalls(calls.split(' '), {
  sync: (_call, goOn) => {
    if (isSlow()) Atomics.wait(sleeper, 0, 0, Number(ms));
    return goOn();
  },
  later: async (_call, goOn) => {
    if (isSlow()) await new Promise((wake) => setTimeout(wake, Number(ms)));
    return goOn();
  },
});
