/**
 * Preloaded into the executable (NODE_OPTIONS=--require): what nobody foresaw is thrown once a mail is taken apart, by the thread that does it,
 * or, with THROWING_MAIN, by the main thread meanwhile.
 */
'use strict';
const threads = require('node:worker_threads');

const unforeseen = () => {
  throw new TypeError('nobody foresaw this');
};

if (!threads.isMainThread) {
  if (process.env.THROWING_MAIN === undefined) threads.parentPort.once('message', unforeseen);
} else if (process.env.THROWING_MAIN !== undefined) {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...words) {
      super(...words);
      setImmediate(unforeseen);
    }
  };
}
