/**
 * Preloaded into the executable (NODE_OPTIONS=--require): it kills itself, as kill -9 does, at one moment of its work on the disk.
 *
 * Moments are numbered from 1 in the order in which they come: before each call that changes something below KILL_DIRECTORY, halfway
 * through each write, and after each fsync of a journal. (After any other call is before the next one: nothing happens in between,
 * whereas after noting something in a journal the program may talk to others. Before an fsync is as good as after it: the kernel
 * outlives the process.) KILL_AT is the number of the one at which it dies; a run that has fewer ends by itself. With KILL_TRACE, a
 * file, the moments are written down.
 */
'use strict';
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const { KILL_DIRECTORY: directory = '', KILL_AT: at = '0', KILL_TRACE: trace } = process.env;
const original = { ...fs };
let moments = 0;
let depth = 0;

function moment(name, prepare) {
  moments += 1;
  if (trace !== undefined) original.appendFileSync(trace, `${String(moments)} ${name}\n`);
  if (moments !== Number(at)) return;
  prepare?.();
  process.kill(process.pid, 'SIGKILL');
}

function pathOf(target) {
  if (typeof target !== 'number') return String(target);
  try {
    return original.readlinkSync(`/proc/self/fd/${String(target)}`);
  } catch {
    return '';
  }
}

const isBelow = (target) => pathOf(target).startsWith(directory);
const isForReading = (flags) => flags === undefined || flags === 'r' || flags === fs.constants.O_RDONLY;

const changes = {
  openSync: (path, flags) => isBelow(path) && !isForReading(flags),
  writeSync: isBelow,
  writeFileSync: isBelow,
  fsyncSync: isBelow,
  ftruncateSync: (fd, length = 0) => isBelow(fd) && original.fstatSync(fd).size !== length,
  renameSync: (_from, to) => isBelow(to),
  linkSync: (_from, to) => isBelow(to),
  rmSync: isBelow,
  mkdirSync: (path) => isBelow(path) && !original.existsSync(path),
};

function patch(name) {
  fs[name] = (...values) => {
    // What Node.js does inside such a call is part of it, except that a file is written by opening, writing and so on.
    if (depth > 0 || !changes[name](...values)) return original[name](...values);
    const [target] = values;
    const words = `${name} ${pathOf(target)}`;
    if (name !== 'fsyncSync') moment(`before ${words}`);
    if (name === 'writeSync') moment(`half of ${words}`, () => writeHalf(...values));
    depth += name === 'writeFileSync' ? 0 : 1;
    try {
      return original[name](...values);
    } finally {
      depth -= name === 'writeFileSync' ? 0 : 1;
      if (name === 'fsyncSync' && pathOf(target).endsWith('.journal')) moment(`after ${words}`);
    }
  };
}

function writeHalf(fd, content, ...range) {
  const bytes = Buffer.from(content);
  const [offset = 0, length = bytes.length] = range;
  original.writeSync(fd, bytes, offset, Math.floor(length / 2));
}

if (isMainThread && directory !== '') Object.keys(changes).forEach(patch);
