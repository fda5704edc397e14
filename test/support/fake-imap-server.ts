/**
 * An IMAP server on 127.0.0.1, without TLS, that answers as it is told: for what no real server would do.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FakeImapWish {
  /** By UID. */
  readonly mails?: Readonly<Record<number, Buffer>>;
  /** Said of every mail. */
  readonly sizeBytes?: number;
  /** Nothing is said in place of an empty one. */
  readonly greeting?: string;
  readonly capabilities?: string;
  /** Others are closed at once. */
  readonly mostConnections?: number;
  /** Before each answer. */
  readonly delayMs?: number;
  /** What it answers to a command, whose tag is left out; undefined for the usual. */
  readonly answer?: (command: string, socket: Socket) => Answer | undefined;
}

/** `{tag}` is put in for the tag. */
type Answer = string | Buffer;

export interface FakeImapServer {
  readonly port: number;
  /** Without their tags. */
  readonly commands: readonly string[];
}

export async function startFakeImapServer(wish: FakeImapWish): Promise<FakeImapServer> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (sockets.size > (wish.mostConnections ?? Infinity)) socket.destroy();
    socket.write(wish.greeting ?? '* OK ready\r\n');
    let said = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (said + text).split('\r\n');
      said = lines.pop() ?? '';
      for (const line of lines) {
        const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
        commands.push(command);
        const answer = wish.answer?.(command, socket) ?? usualAnswer(command, wish);
        const bytes = Buffer.isBuffer(answer) ? Buffer.concat([answer, done(tag)]) : answer.replaceAll('{tag}', tag);
        if (wish.delayMs === undefined) socket.write(bytes);
        else setTimeout(() => socket.write(bytes), wish.delayMs);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, commands };
}

function done(tag: string): Buffer {
  return Buffer.from(`${tag} OK done\r\n`);
}

const DONE = '{tag} OK done\r\n';

const FETCH = /^UID FETCH (\S+) .*?(?:BODY\.PEEK\[\]<(\d+)\.(\d+)>.*)?$/;

function usualAnswer(command: string, wish: FakeImapWish): Answer {
  const { mails = {}, capabilities = 'IMAP4rev1' } = wish;
  const uids = Object.keys(mails);
  if (command === 'CAPABILITY') return `* CAPABILITY ${capabilities}\r\n${DONE}`;
  if (command.startsWith('LIST')) return `* LIST () "/" INBOX\r\n${DONE}`;
  if (/^(?:EXAMINE|SELECT)/.test(command))
    return `* ${String(uids.length)} EXISTS\r\n* OK [UIDVALIDITY 7]\r\n{tag} OK [READ-WRITE] done\r\n`;
  if (command.startsWith('UID SEARCH')) return `* SEARCH ${uids.join(' ')}\r\n${DONE}`;
  const [fetch, numbers = '', start, length] = FETCH.exec(command) ?? [];
  if (fetch === undefined) return DONE;
  if (start === undefined) return `${uids.map((uid) => listRow(uid, wish)).join('')}${DONE}`;
  return mailPieces(mails, numbers.split(','), { start: Number(start), length: Number(length) });
}

function listRow(uid: string, { mails, sizeBytes = mails?.[Number(uid)]?.length ?? 0 }: FakeImapWish): string {
  return `* ${uid} FETCH (UID ${uid} FLAGS () RFC822.SIZE ${String(sizeBytes)})\r\n`;
}

interface Piece {
  readonly start: number;
  readonly length: number;
}

function mailPieces(mails: FakeImapWish['mails'], uids: readonly string[], { start, length }: Piece): Buffer {
  return Buffer.concat(uids.map((uid) => mailRow(uid, mails?.[Number(uid)]?.subarray(start, start + length), start)));
}

/** What a FETCH answers about one mail. */
export function mailRow(uid: number | string, bytes: Buffer = Buffer.alloc(0), start = 0): Buffer {
  const head = `* ${String(uid)} FETCH (UID ${String(uid)} BODY[]<${String(start)}> {${String(bytes.length)}}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(')\r\n')]);
}
