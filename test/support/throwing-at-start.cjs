/**
 * Preloaded into the executable (NODE_OPTIONS=--require): once it is ready for that, what nobody foresaw is thrown where no command sees it.
 */
'use strict';
const { isMainThread } = require('node:worker_threads');

if (isMainThread)
  process.on('newListener', (name) => {
    if (name === 'uncaughtException')
      setImmediate(() => {
        throw new TypeError('nobody foresaw this');
      });
  });
