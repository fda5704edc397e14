/**
 * Preloaded into the executable (NODE_OPTIONS=--require): the thread that tallies throws what nobody foresaw as soon as the file
 * THROWING_TALLY is there.
 */
'use strict';
const { existsSync } = require('node:fs');
const { isMainThread, threadName } = require('node:worker_threads');

if (!isMainThread && (threadName === undefined || threadName === 'tally'))
  setInterval(() => {
    if (existsSync(process.env.THROWING_TALLY)) throw new TypeError('nobody foresaw this');
  }, 20).unref();
