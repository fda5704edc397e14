/**
 * Preloaded into the executable (NODE_OPTIONS=--require): once the file STUCK_RECEIVER is there, the thread that receives enters a system
 * call that nothing ends, as a named pipe without a writer is opened.
 */
'use strict';
const { existsSync, openSync } = require('node:fs');
const { isMainThread, workerData } = require('node:worker_threads');

if (!isMainThread && workerData?.ring !== undefined) {
  const load = Atomics.load;
  Atomics.load = (...values) => {
    if (existsSync(process.env.STUCK_RECEIVER)) openSync(process.env.STUCK_RECEIVER, 'r');
    return load(...values);
  };
}
