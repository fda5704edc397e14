/**
 * Preloaded into the executable (NODE_OPTIONS=--require): one of its calls to the disk fails, once.
 *
 * It is the FAULT_AT-th, counted over all threads, of those of kind FAULT_CALL (see disk-calls.cjs; `any` for all kinds) on what is below
 * FAULT_DIRECTORY, and fails with FAULT_ERRNO without having been made; FAULT_TIMES lets as many fail in a row. FAULT_LOG gets a line for each. With FAULT_UNSYNCED,
 * a directory, an fsync that fails also loses what was written since the last one: see unsynced-writes.cjs.
 */
'use strict';
const { aroundCalls, concerns, kinds, original, pathOf, sharedCounter, systemError } = require('./disk-calls.cjs');
const { UnsyncedWrites } = require('./unsynced-writes.cjs');

const {
  FAULT_DIRECTORY: directory,
  FAULT_CALL: kind = 'any',
  FAULT_AT: at = '0',
  FAULT_ERRNO: errno = 'EIO',
  FAULT_TIMES: times = '1',
  FAULT_LOG: log,
  FAULT_UNSYNCED: unsyncedDirectory,
} = process.env;

const counter = sharedCounter('failing-call');
const unsynced = unsyncedDirectory === undefined ? undefined : new UnsyncedWrites(unsyncedDirectory);

function isItsTurn(call) {
  if (kind !== 'any' && call.kind !== kind) return false;
  const number = counter.next();
  return number >= Number(at) && number < Number(at) + Number(times);
}

/** What an error of that name does to a call that is made, since some calls take it for an answer. */
function failed(call, close) {
  const [target, options] = call.values;
  const path = pathOf(target);
  original.appendFileSync(log, `${call.name} ${path} ${errno}\n`);
  if (call.kind === 'fsync') unsynced?.lose(target);
  if (call.kind === 'close') close(target); // as with Linux, the descriptor is gone all the same
  if (errno !== 'ENOENT') throw systemError(errno, call.name, path);
  if (call.kind === 'stat' && options?.throwIfNoEntry === false) return undefined;
  if (call.name.startsWith('rm') && options?.force) return undefined;
  throw systemError(errno, call.name, path);
}

if (directory !== undefined)
  aroundCalls(Object.keys(kinds), {
    sync: (call, goOn) => {
      if (!concerns(directory, call.kind, call.values)) return goOn();
      if (isItsTurn(call)) return failed(call, original.closeSync);
      unsynced?.note(call);
      const result = goOn();
      unsynced?.made(call);
      return result;
    },
    later: async (call, goOn) => {
      if (!concerns(directory, call.kind, call.values)) return goOn();
      if (isItsTurn(call)) return failed(call, original.closeSync);
      unsynced?.note(call);
      const result = await goOn();
      unsynced?.made(call);
      return result;
    },
  });
