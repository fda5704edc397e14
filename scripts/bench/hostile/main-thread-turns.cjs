/**
 * Preloaded into the collector (NODE_OPTIONS=--require): how long the longest turn of its main thread was, without what it waited for a
 * processor in it. Begun anew at SIGUSR2, written as JSON to the file TURNS_FILE at the end.
 *
 * A timer every few milliseconds cannot come during a turn, so a turn is no longer than the time between two of them.
 */
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

const EVERY_MS = 2;
const { TURNS_FILE: file } = process.env;

if (isMainThread && file !== undefined) watch();

function watch() {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [longestMs, longestRunningMs] = [0, 0];
  let last = moment();
  const note = () => {
    const now = moment();
    const ms = now.atMs - last.atMs - EVERY_MS;
    longestMs = Math.max(longestMs, ms);
    longestRunningMs = Math.max(longestRunningMs, ms - (now.waitedMs - last.waitedMs));
    last = now;
  };
  delay.enable();
  setInterval(note, EVERY_MS).unref();
  process.on('SIGUSR2', () => {
    [longestMs, longestRunningMs] = [0, 0];
    last = moment();
    delay.reset();
  });
  process.on('exit', () => {
    note();
    writeFileSync(file, JSON.stringify({ longestMs, longestRunningMs, delayMs: delay.max / 1e6 }));
  });
}

/** For how long the thread had something to do, but no processor. */
function moment() {
  const [, waitedNs = '0'] = readFileSync(
    `/proc/${String(process.pid)}/task/${String(process.pid)}/schedstat`,
    'utf8',
  ).split(' ');
  return { atMs: performance.now(), waitedMs: Number(waitedNs) / 1e6 };
}
