/**
 * Preloaded into the executable (NODE_OPTIONS=--require): what nobody foresaw is thrown as a report is unpacked, or, with THROWING_LATER, a moment
 * later, where nothing catches it.
 */
'use strict';
const zlib = require('node:zlib');

const unforeseen = () => {
  throw new TypeError('nobody foresaw this');
};
const { inflateRawSync } = zlib;

zlib.inflateRawSync = (...words) => {
  if (process.env.THROWING_LATER === undefined) unforeseen();
  queueMicrotask(unforeseen);
  return inflateRawSync(...words);
};
