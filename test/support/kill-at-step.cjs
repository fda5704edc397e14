/**
 * Preloaded into the executable (NODE_OPTIONS=--require): it kills itself, as kill -9 does, at one moment of its work on the disk.
 *
 * Moments are numbered from 1 in the order in which they come, in all threads together: before each call that changes something below
 * KILL_DIRECTORY, halfway through each write, and after each fsync of a journal. (After any other call is before the next one: nothing
 * happens in between, whereas after noting something in a journal the program may talk to others. Before an fsync is as good as after
 * it: the kernel outlives the process.) KILL_AT is the number of the one at which it dies; a run that has fewer ends by itself. With
 * KILL_TRACE, a file, the moments are written down.
 */
'use strict';
const { constants } = require('node:fs');
const { aroundCalls, isBelow, original, partOfWrite, pathOf, sharedCounter, systemError } = require('./disk-calls.cjs');

const { KILL_DIRECTORY: directory = '', KILL_AT: at = '0', KILL_TRACE: trace } = process.env;
const counter = sharedCounter('kill-at-step');

/** Whether this is the one. */
function isTheMoment(name) {
  const moment = counter.next();
  if (trace !== undefined) original.appendFileSync(trace, `${String(moment)} ${name}\n`);
  return moment === Number(at);
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  throw systemError('EINTR', 'kill', ''); // in a thread the signal may take a moment
}

const isForReading = (flags) => flags === undefined || flags === 'r' || flags === constants.O_RDONLY;

const changes = {
  open: ([, flags]) => !isForReading(flags),
  write: () => true,
  fsync: () => true,
  ftruncate: ([target, length = 0]) =>
    (typeof target === 'number' ? original.fstatSync(target) : original.statSync(target)).size !== length,
  rename: () => true,
  link: () => true,
  unlink: () => true,
  mkdir: ([path]) => !original.existsSync(path),
  copyFile: () => true,
};

/** A rename or a link changes the directory that it goes to. */
function isConcerned({ kind, values }) {
  const target = ['rename', 'link', 'copyFile'].includes(kind) ? values[1] : values[0];
  return isBelow(directory, pathOf(target)) && changes[kind](values);
}

/** Halfway is where a part of it is made, which `goOn` does. */
function beginning(call, goOn) {
  const words = `${call.name} ${pathOf(call.values[0])}`;
  if (call.kind !== 'fsync' && isTheMoment(`before ${words}`)) die();
  const half = call.kind === 'write' ? partOfWrite(call.values, 0.5) : undefined;
  return half && isTheMoment(`half of ${words}`) ? { half: goOn(...half) } : undefined;
}

function ending({ kind, name, values }) {
  if (kind !== 'fsync' || !pathOf(values[0]).endsWith('.journal')) return;
  if (isTheMoment(`after ${name} ${pathOf(values[0])}`)) die();
}

if (directory !== '')
  aroundCalls(Object.keys(changes), {
    sync: (call, goOn) => {
      if (!isConcerned(call)) return goOn();
      if (beginning(call, goOn)) die();
      try {
        return goOn();
      } finally {
        ending(call);
      }
    },
    later: async (call, goOn) => {
      if (!isConcerned(call)) return goOn();
      const begun = beginning(call, goOn);
      if (begun) await begun.half;
      if (begun) die();
      try {
        return await goOn();
      } finally {
        ending(call);
      }
    },
  });
