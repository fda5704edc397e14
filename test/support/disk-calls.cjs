/**
 * For what is preloaded into the executable (NODE_OPTIONS=--require, which reaches its threads as well): puts something around calls of
 * node:fs, in all the forms that a call has.
 */
'use strict';
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { constants } = require('node:os');
const { resolve } = require('node:path');
const { getEnvironmentData, isMainThread, setEnvironmentData } = require('node:worker_threads');

/** As they were before this preload; another one may have been there first. */
const original = { ...fs };

/** Which functions make a kind of call: each name is taken with `Sync`, with a callback, and as a promise. */
const kinds = {
  open: ['open'],
  close: ['close'],
  read: ['read', 'readv', 'readFile'],
  write: ['write', 'writev', 'writeFile', 'appendFile'],
  fsync: ['fsync', 'fdatasync'],
  ftruncate: ['ftruncate', 'truncate'],
  rename: ['rename'],
  link: ['link'],
  unlink: ['unlink', 'rm', 'rmdir'],
  mkdir: ['mkdir'],
  readdir: ['readdir'],
  stat: ['stat', 'lstat', 'access'],
  fstat: ['fstat'],
  copyFile: ['copyFile'],
};

/** The path of a path or descriptor; that of one that is closed is empty. */
function pathOf(target) {
  if (typeof target !== 'number') return resolve(String(target));
  try {
    return original.readlinkSync(`/proc/self/fd/${String(target)}`);
  } catch {
    return '';
  }
}

function isBelow(directory, path) {
  return path === directory || path.startsWith(`${directory}/`);
}

/** What concerns a name concerns the directory of its second one as well. */
function concerns(directory, kind, [first, second]) {
  const targets = ['rename', 'link', 'copyFile'].includes(kind) ? [first, second] : [first];
  return targets.some((target) => isBelow(directory, pathOf(target)));
}

function systemError(code, call, path) {
  const description = `${code}: a fault of the test, ${call} '${path}'`;
  return Object.assign(new Error(description), { code, errno: -(constants.errno[code] ?? 0), syscall: call, path });
}

/**
 * `around` has `sync(call, goOn)` for calls that return, and `later(call, goOn)`, which returns a promise, for those that go on beside.
 * `call` has kind, name and values; `goOn` makes it, with
 * other values if it is given some. What Node.js does inside a call is part of it. A FileHandle's own methods are left alone.
 */
function aroundCalls(names, { sync, later }) {
  const around = { sync, later, depth: 0 };
  for (const kind of names)
    for (const base of kinds[kind]) {
      replace(fs, `${base}Sync`, (whole) => returning({ kind, name: `${base}Sync` }, whole, around));
      replace(fs, base, (whole) => withCallback({ kind, name: base }, whole, around));
      replace(fs.promises, base, (whole) => promising({ kind, name: base }, whole, around));
    }
  syncBuiltinESMExports();
}

function replace(object, name, replacementOf) {
  const whole = object[name];
  if (typeof whole !== 'function') return;
  object[name] = replacementOf(whole);
  // Among them how promisify names what a callback gets.
  for (const key of Reflect.ownKeys(whole))
    if (!(key in object[name])) Object.defineProperty(object[name], key, Object.getOwnPropertyDescriptor(whole, key));
}

function returning(call, whole, around) {
  return (...values) => {
    if (around.depth > 0) return whole(...values);
    around.depth += 1;
    try {
      return around.sync({ ...call, values }, (...others) => whole(...(others.length > 0 ? others : values)));
    } finally {
      around.depth -= 1;
    }
  };
}

function withCallback(call, whole, around) {
  return (...all) => {
    const callback = all.at(-1);
    if (around.depth > 0 || typeof callback !== 'function') return whole(...all);
    const values = all.slice(0, -1);
    const goOn = (...others) =>
      new Promise((settle, reject) => {
        const given = others.length > 0 ? others : values;
        whole(...given, (error, ...results) => (error ? reject(error) : settle(results)));
      });
    around.later({ ...call, values }, goOn).then(
      (results) => setImmediate(callback, null, ...results),
      (error) => setImmediate(callback, error),
    );
  };
}

function promising(call, whole, around) {
  return (...values) =>
    around.depth > 0
      ? whole(...values)
      : around.later({ ...call, values }, (...others) => whole(...(others.length > 0 ? others : values)));
}

/** A number that all threads count together: each thread inherits it from the one that started it. */
function sharedCounter(name) {
  if (isMainThread) setEnvironmentData(name, new SharedArrayBuffer(4));
  const shared = new Int32Array(getEnvironmentData(name));
  return { next: () => Atomics.add(shared, 0, 1) + 1 };
}

/** The values for a write of only a part of what one was to write; undefined when there is no telling. */
function partOfWrite([target, content, offset, count, at], share) {
  if (content === undefined) return undefined;
  if (Array.isArray(content)) return [target, [partOf(Buffer.concat(content), share)], offset];
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  if (typeof target !== 'number') return [target, partOf(bytes, share), offset];
  if (typeof content === 'string') return [target, bytes, 0, Math.floor(bytes.length * share), offset];
  const { offset: start = offset ?? 0, length = count ?? bytes.length - start, position = at } = Object(offset);
  return [target, bytes, start, Math.floor(length * share), position];
}

function partOf(bytes, share) {
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

module.exports = { aroundCalls, concerns, isBelow, kinds, original, partOfWrite, pathOf, sharedCounter, systemError };
