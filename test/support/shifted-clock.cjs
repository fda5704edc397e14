/**
 * Preloaded into the executable (NODE_OPTIONS=--require), in all its threads: Date.now() is ahead of the real time by the milliseconds that
 * stand in the file CLOCK_SHIFT, which may change meanwhile.
 */
'use strict';
const fs = require('node:fs');

const LOOK_AGAIN_MS = 5;

const { CLOCK_SHIFT: file = '' } = process.env;
const { readFileSync } = { ...fs };
const realNow = Date.now;
let lookedMs = -Infinity;
let shiftMs = 0;

Date.now = () => {
  const now = realNow();
  if (Math.abs(now - lookedMs) >= LOOK_AGAIN_MS) {
    shiftMs = Number(readFileSync(file, 'utf8'));
    lookedMs = now;
  }
  return now + shiftMs;
};
