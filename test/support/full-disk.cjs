/**
 * Preloaded into the executable (NODE_OPTIONS=--require): the disk below FULL_DIRECTORY is full while the file FULL_FLAG is there.
 *
 * As on a real one, a write may still take a part of what it is given before the next one fails, and what needs no room goes on:
 * reading, cutting off, removing, renaming, writing over what is there. FULL_REFUSALS, a file, grows by a byte with each refusal.
 */
'use strict';
const { constants } = require('node:fs');
const { aroundCalls, isBelow, original, partOfWrite, pathOf, systemError } = require('./disk-calls.cjs');

const { FULL_DIRECTORY: directory = '', FULL_FLAG: flag = '', FULL_REFUSALS: refusals } = process.env;

function needsRoom({ kind, values }) {
  if (kind === 'write') return !isInPlace(values);
  const [target, flags = 'r'] = values;
  const creates = kind === 'mkdir' || (typeof flags === 'string' ? flags !== 'r' : (flags & constants.O_CREAT) !== 0);
  return creates && !original.existsSync(target);
}

/** Of a single piece, at a place of its own. */
function isInPlace([fd, content, , count, position]) {
  return !Array.isArray(content) && typeof position === 'number' && position + count <= original.fstatSync(fd).size;
}

const isRefused = (call) => original.existsSync(flag) && isBelow(directory, pathOf(call.values[0])) && needsRoom(call);

let wasPart = false;

function bytesIn([, content, , count]) {
  return Array.isArray(content) ? content[0].length : count;
}

/** What is left of a call on a full disk: a part of every second write. */
function onFullDisk(call, goOn) {
  if (call.kind === 'write') wasPart = !wasPart;
  const part = call.kind === 'write' && wasPart ? partOfWrite(call.values, 0.5) : undefined;
  if (part && typeof part[0] === 'number' && bytesIn(part) > 0) return goOn(...part);
  if (refusals !== undefined) original.appendFileSync(refusals, '.');
  throw systemError('ENOSPC', call.name, pathOf(call.values[0]));
}

if (directory !== '')
  aroundCalls(['open', 'mkdir', 'write'], {
    sync: (call, goOn) => (isRefused(call) ? onFullDisk(call, goOn) : goOn()),
    later: async (call, goOn) => (isRefused(call) ? onFullDisk(call, goOn) : goOn()),
  });
