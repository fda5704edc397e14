/**
 * An SSH server with the SFTP subsystem, made of the ssh2 package: it stats, lists, opens and reads the files of this machine.
 */
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { Attributes, AuthContext, Connection, ParsedKey, SFTPWrapper } from 'ssh2';
import type { HostKeyKind, SftpServer, SftpServerWish } from './sftp-server.ts';

const USER = 'tlsrpt';
const status = ssh2.utils.sftp.STATUS_CODE;

export interface Ssh2ServerWish extends SftpServerWish {
  /** The attributes of a file that it tells; all by default. A protocol in which each of them is optional allows none. */
  readonly attributes?: readonly (keyof Attributes)[];
  /** What it says is in each directory; by default what is there. */
  readonly listing?: Iterator<string>;
}

export async function startSsh2Server({
  directory,
  hostKeyTypes = ['ed25519'],
  attributes = ['mode', 'uid', 'gid', 'size', 'atime', 'mtime'],
  listing,
}: Ssh2ServerWish): Promise<SftpServer> {
  const hostKeys = hostKeyTypes.map(makeKeyPair);
  const userKey = makeKeyPair('ed25519');
  const identityFile = join(directory, 'user_key');
  writeFileSync(identityFile, userKey.private, { mode: 0o600 });
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: hostKeys.map((pair) => pair.private) }, (connection) => {
    connections.add(connection);
    socketOf(connection).setNoDelay(true);
    serve(connection, parseKey(userKey.public), { attributes, listing });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    user: USER,
    identityFile,
    hostKeys: hostKeys.map((pair) => pair.public),
    kill: () => {
      for (const connection of connections) socketOf(connection).destroy();
      return new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}

/** ssh2 1.17 makes an ed25519 key that nobody can read whenever the public one begins with a zero byte: one in 256. */
export function makeKeyPair(kind: HostKeyKind): { private: string; public: string } {
  for (;;) {
    const pair =
      kind === 'rsa'
        ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
        : ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function parseKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** ssh2 has no call for an end without a goodbye. */
function socketOf(connection: Connection): Socket {
  return (connection as unknown as { _sock: Socket })._sock;
}

interface Told {
  readonly attributes: readonly (keyof Attributes)[];
  readonly listing: Iterator<string> | undefined;
}

function serve(connection: Connection, allowed: ParsedKey, told: Told): void {
  connection.on('error', () => undefined);
  connection.on('authentication', (attempt) => {
    if (isAllowed(attempt, allowed)) attempt.accept();
    else attempt.reject(['publickey']);
  });
  connection.on('session', (accept) => {
    accept().on('sftp', (acceptSftp) => {
      serveFiles(acceptSftp(), told);
    });
  });
}

function isAllowed(attempt: AuthContext, allowed: ParsedKey): boolean {
  if (attempt.username !== USER || attempt.method !== 'publickey') return false;
  if (!attempt.key.data.equals(allowed.getPublicSSH())) return false;
  if (!attempt.signature) return true; // it only asks whether this key would do
  const verdict: unknown = allowed.verify(attempt.blob ?? '', attempt.signature); // true, false or an Error
  return verdict === true;
}

function serveFiles(sftp: SFTPWrapper, { attributes, listing }: Told): void {
  const attributesOf = (stats: Stats): Attributes => {
    const told = Object.entries(allAttributesOf(stats)).filter(([name]) =>
      attributes.includes(name as keyof Attributes),
    );
    return Object.fromEntries(told) as unknown as Attributes;
  };
  const open = new Map<string, number>();
  const listed = new Map<number, Iterator<string>>();
  const answering = (id: number, answer: () => void): void => {
    try {
      answer();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      sftp.status(id, code === 'ENOENT' || code === 'ELOOP' ? status.NO_SUCH_FILE : status.FAILURE); // as OpenSSH does
    }
  };
  const fdOf = (handle: Buffer): number => open.get(handle.toString('hex')) ?? -1;
  sftp.on('STAT', (id, path) => {
    answering(id, () => {
      sftp.attrs(id, attributesOf(statSync(path)));
    });
  });
  sftp.on('LSTAT', (id, path) => {
    answering(id, () => {
      sftp.attrs(id, attributesOf(lstatSync(path)));
    });
  });
  sftp.on('FSTAT', (id, handle) => {
    answering(id, () => {
      sftp.attrs(id, attributesOf(fstatSync(fdOf(handle))));
    });
  });
  sftp.on('OPEN', (id, path) => {
    answering(id, () => {
      const handle = Buffer.alloc(4);
      const fd = openSync(path, 'r');
      handle.writeUInt32BE(fd);
      open.set(handle.toString('hex'), fd);
      sftp.handle(id, handle);
    });
  });
  sftp.on('OPENDIR', (id, path) => {
    answering(id, () => {
      const names = listing ?? readdirSync(path).values();
      const handle = Buffer.alloc(4);
      const fd = openSync(path, 'r');
      handle.writeUInt32BE(fd);
      open.set(handle.toString('hex'), fd);
      listed.set(fd, names);
      sftp.handle(id, handle);
    });
  });
  sftp.on('READDIR', (id, handle) => {
    answering(id, () => {
      const names = someOf(listed.get(fdOf(handle)));
      if (names.length === 0) sftp.status(id, status.EOF);
      else sftp.name(id, names.map(entryOf));
    });
  });
  sftp.on('READ', (id, handle, offset, length) => {
    answering(id, () => {
      const bytes = Buffer.alloc(Math.min(length, 32_768));
      const count = readSync(fdOf(handle), bytes, 0, bytes.length, offset);
      if (count === 0) sftp.status(id, status.EOF);
      else sftp.data(id, bytes.subarray(0, count));
    });
  });
  sftp.on('CLOSE', (id, handle) => {
    answering(id, () => {
      closeSync(fdOf(handle));
      open.delete(handle.toString('hex'));
      sftp.status(id, status.OK);
    });
  });
}

const NAMES_IN_ONE_ANSWER = 100;

function someOf(names: Iterator<string> | undefined): string[] {
  const some: string[] = [];
  while (names && some.length < NAMES_IN_ONE_ANSWER) {
    const { value, done } = names.next() as IteratorResult<string, undefined>;
    if (done === true) break;
    some.push(value);
  }
  return some;
}

function entryOf(filename: string): { filename: string; longname: string; attrs: Attributes } {
  return { filename, longname: filename, attrs: { mode: 0o600, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 } };
}

function allAttributesOf({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1_000), mtime: Math.floor(mtimeMs / 1_000) };
}
