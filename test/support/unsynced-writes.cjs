/**
 * Remembers what a file had before each write since its last fsync, so that a failing fsync can lose it, as Linux does.
 *
 * The notes are files, one for each inode, so that it does not matter which thread writes and which one syncs. They are told apart by
 * nothing else, so what is removed and made anew begins afresh when it is opened.
 */
'use strict';
const { join } = require('node:path');
const { original } = require('./disk-calls.cjs');

class UnsyncedWrites {
  #directory;

  constructor(directory) {
    this.#directory = directory;
    original.mkdirSync(directory, { recursive: true });
  }

  /** Before a call. */
  note({ kind, name, values }) {
    const [target] = values;
    if (typeof target !== 'number') return;
    if (kind === 'ftruncate') this.#keep(target, values[1] ?? 0, Infinity);
    if (kind !== 'write' || !name.startsWith('write')) return;
    const { position, length } = rangeOf(values, target);
    this.#keep(target, position, length);
  }

  /** After one that did not fail. */
  made({ kind, values }) {
    if (kind === 'fsync') original.rmSync(this.#fileOf(values[0]), { force: true });
  }

  /** Gives the file back what it had when it was synced. */
  lose(fd) {
    const notes = this.#notesOf(fd);
    if (notes.length === 0) return;
    const writable = original.openSync(`/proc/self/fd/${String(fd)}`, 'r+');
    for (const { size, position, before } of notes.reverse()) {
      const bytes = Buffer.from(before, 'base64');
      original.writeSync(writable, bytes, 0, bytes.length, position);
      original.ftruncateSync(writable, size);
    }
    original.closeSync(writable);
    original.rmSync(this.#fileOf(fd), { force: true });
  }

  #keep(fd, position, length) {
    const { size } = original.fstatSync(fd);
    const before = readAt(fd, position, Math.max(0, Math.min(length, size - position)));
    original.appendFileSync(this.#fileOf(fd), `${JSON.stringify({ size, position, before })}\n`);
  }

  #notesOf(fd) {
    const file = this.#fileOf(fd);
    if (!original.existsSync(file)) return [];
    const lines = original.readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  }

  #fileOf(fd) {
    return join(this.#directory, String(original.fstatSync(fd).ino));
  }
}

function rangeOf([, content, offset, count, at], fd) {
  if (typeof content === 'string') return { position: placeOf(offset, fd), length: Buffer.byteLength(content) };
  const { position = at, length = count ?? content.byteLength } = Object(offset);
  return { position: placeOf(position, fd), length };
}

/** Without a position it is written where the file stands, or at its end. */
function placeOf(position, fd) {
  if (typeof position === 'number') return position;
  const status = original.readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'utf8');
  const isAppended = (parseInt(/^flags:\s*(\d+)/m.exec(status)[1], 8) & original.constants.O_APPEND) !== 0;
  return isAppended ? original.fstatSync(fd).size : Number(/^pos:\s*(\d+)/m.exec(status)[1]);
}

function readAt(fd, position, length) {
  const readable = original.openSync(`/proc/self/fd/${String(fd)}`, 'r');
  const bytes = Buffer.alloc(length);
  original.readSync(readable, bytes, 0, length, position);
  original.closeSync(readable);
  return bytes.toString('base64');
}

module.exports = { UnsyncedWrites };
