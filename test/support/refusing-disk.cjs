/**
 * Preloaded into the executable (NODE_OPTIONS=--require): the disk refuses, with REFUSED_ERRNO, all paths that begin with what the file
 * REFUSED_PREFIX holds, for as long as that is there.
 *
 * What is refused is what the system refuses with such an error: a process that may open no more files goes on with those that it has, and
 * so does one that may not write.
 */
'use strict';
const { constants } = require('node:fs');
const { aroundCalls, original, pathOf, systemError } = require('./disk-calls.cjs');

const { REFUSED_PREFIX: prefixFile = '', REFUSED_ERRNO: errno = 'EIO' } = process.env;

const refusedKinds = {
  EIO: ['open', 'read', 'write', 'fsync', 'mkdir', 'readdir', 'unlink', 'link', 'rename'],
  ENOSPC: ['open', 'write', 'mkdir', 'link'],
  EMFILE: ['open', 'readdir'],
  EACCES: ['open', 'mkdir', 'readdir', 'unlink', 'link', 'rename'],
}[errno];

function prefix() {
  try {
    return original.readFileSync(prefixFile, 'utf8');
  } catch {
    return undefined;
  }
}

/** A full disk keeps nobody from opening what is there. */
function isRefused({ kind, values: [target, flags = 'r'] }) {
  const refused = prefix();
  if (refused === undefined || !pathOf(target).startsWith(refused)) return false;
  if (errno !== 'ENOSPC' || kind !== 'open') return true;
  const creates = typeof flags === 'string' ? flags !== 'r' : (flags & constants.O_CREAT) !== 0;
  return creates && !original.existsSync(target);
}

function refuse(call) {
  throw systemError(errno, call.name, pathOf(call.values[0]));
}

if (prefixFile !== '')
  aroundCalls(refusedKinds, {
    sync: (call, goOn) => (isRefused(call) ? refuse(call) : goOn()),
    later: async (call, goOn) => (isRefused(call) ? refuse(call) : goOn()),
  });
