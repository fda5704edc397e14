/**
 * Preloaded into the executable (NODE_OPTIONS=--require): the disk below FULL_DIRECTORY is full while the file FULL_FLAG is there.
 *
 * As on a real one, a write may still take a part of what it is given before the next one fails, and what needs no room goes on:
 * reading, cutting off, removing, renaming. FULL_REFUSALS, a file, grows by a byte with each refusal.
 */
'use strict';
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const { FULL_DIRECTORY: directory = '', FULL_FLAG: flag = '', FULL_REFUSALS: refusals } = process.env;
const original = { ...fs };

function pathOf(target) {
  return typeof target === 'number' ? original.readlinkSync(`/proc/self/fd/${String(target)}`) : String(target);
}

function isFull(target) {
  return original.existsSync(flag) && pathOf(target).startsWith(directory);
}

function refuse(call) {
  if (refusals !== undefined) original.appendFileSync(refusals, '.');
  throw Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), {
    code: 'ENOSPC',
    errno: -28,
    syscall: call,
  });
}

let wasPart = false;

if (isMainThread && directory !== '') {
  fs.openSync = (path, ...rest) => {
    const [flags = 'r'] = rest;
    const creates = typeof flags === 'string' ? flags !== 'r' : (flags & fs.constants.O_CREAT) !== 0;
    return creates && !original.existsSync(path) && isFull(path) ? refuse('open') : original.openSync(path, ...rest);
  };
  fs.mkdirSync = (path, ...rest) =>
    !original.existsSync(path) && isFull(path) ? refuse('mkdir') : original.mkdirSync(path, ...rest);
  fs.writeSync = (fd, content, ...rest) => {
    if (!isFull(fd)) return original.writeSync(fd, content, ...rest);
    wasPart = !wasPart;
    const [offset = 0, length = content.length - offset] = rest;
    if (!wasPart || typeof content === 'string') return refuse('write');
    return original.writeSync(fd, content, offset, Math.ceil(length / 2));
  };
}
