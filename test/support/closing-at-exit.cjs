/**
 * Preloaded into the executable (NODE_OPTIONS=--require): when it exits, the descriptors that CLOSED_AT_EXIT names (`1,2`) are closed, so that an fsync of them
 * fails, as it does on a disk that is full or broken.
 */
'use strict';
const { closeSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

if (isMainThread)
  process.on('exit', () => {
    for (const descriptor of process.env.CLOSED_AT_EXIT.split(',')) closeSync(Number(descriptor));
  });
