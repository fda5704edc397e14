/**
 * Puts reports into a directory on this machine, each as a file of the name that RFC 8460 5.1 gives it, for other programs to pick up.
 *
 * A file is complete or absent, and its content on disk, before the report counts as delivered. Handing the same report over again
 * changes nothing; a file of that name with another content is left as it is, and the report refused. Directories are not made: one
 * that is missing may not be mounted yet. A file system has no silence of its own, so there is no time-out.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { publishFile } from '#support/durable-file.ts';
import { errnoOf, messageOf } from '#support/problem.ts';

/** `json.gz` as RFC 8460 5.1 has it, or `json` for programs that read no gzip. */
export type DirectoryFormat = 'json' | 'json.gz';

export function directoryTransport(format: DirectoryFormat): ReportTransport {
  const form = FORMS[format];
  return {
    deliver({ fileName, document }, to) {
      if (to.scheme !== 'directory') throw new Error(`${to.uri} is no directory`);
      const name = form.nameOf(fileName);
      if (!isNameOfFile(name))
        return Promise.resolve({ kind: 'refused', reply: `"${name}" is not the name of a file` });
      return Promise.resolve(putDocument(join(to.path, name), document, form));
    },
    close: () => Promise.resolve(),
  };
}

/** Names come out of what others sent: none may lead out of the directory, whatever the outbox says. */
function isNameOfFile(name: string): boolean {
  return name === basename(name) && !['', '.', '..'].includes(name) && !name.includes('\0');
}

interface Form {
  readonly nameOf: (fileName: string) => string;
  readonly write: (document: string) => Buffer;
  /** Undefined for what was not written so, or is longer than `maxBytes`. */
  readonly read: (content: Buffer, maxBytes: number) => Buffer | undefined;
}

const FORMS: Readonly<Record<DirectoryFormat, Form>> = {
  'json.gz': { nameOf: (fileName) => fileName, write: (document) => gzipSync(document), read: readGzip },
  json: {
    nameOf: (fileName) => fileName.replace(/\.gz$/, ''),
    write: (document) => Buffer.from(document),
    read: (content) => content,
  },
};

function readGzip(content: Buffer, maxOutputLength: number): Buffer | undefined {
  try {
    return gunzipSync(content, { maxOutputLength });
  } catch {
    return undefined;
  }
}

function putDocument(path: string, document: string, form: Form): DeliveryOutcome {
  try {
    if (!exists(path)) publishFile(path, form.write(document));
    else if (!holds(path, document, form))
      return { kind: 'refused', reply: `${path} is there already, with another content` };
    return { kind: 'delivered', reply: `written to ${path}` };
  } catch (error) {
    return failureOf(path, error);
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whatever else may have come there is read only as far as needed. */
function holds(path: string, document: string, { read }: Form): boolean {
  const expected = Buffer.from(document);
  const stats = statSync(path);
  if (!stats.isFile() || stats.size > expected.length + GZIP_OVERHEAD_BYTES) return false;
  return read(readFileSync(path), expected.length + 1)?.equals(expected) ?? false;
}

/** More than gzip ever adds to what it cannot compress, for documents of any size a report has. */
const GZIP_OVERHEAD_BYTES = 65_536;

function failureOf(path: string, error: unknown): DeliveryOutcome {
  const reply = `${path} cannot be written: ${messageOf(error)}`;
  return errnoOf(error) === 'ENAMETOOLONG' ? { kind: 'refused', reply } : { kind: 'deferred', reply };
}
