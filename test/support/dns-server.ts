/**
 * A DNS server on 127.0.0.1, over UDP, that has TXT records for a few names; every other name does not exist.
 */
import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet';
import type { Packet, StringAnswer, TxtAnswer } from 'dns-packet';

/** The response codes by which a server says that it will not or cannot answer. */
const failures = { 'format-error': 1, 'server-failure': 2, 'not-implemented': 4, refused: 5 } as const;

export const failureNames = Object.keys(failures) as (keyof typeof failures)[];

export type ZoneEntry =
  /** Each text is a record; an array is one record out of several character-strings. */
  | readonly (string | readonly string[])[]
  | { readonly alias: string }
  | keyof typeof failures
  /** Fails once, then answers with the texts. */
  | { readonly failsOnce: readonly string[] }
  | 'silence';

export type Zone = Readonly<Record<string, ZoneEntry>>;

export interface DnsServer {
  /** ADDR:PORT. */
  readonly server: string;
  /** The names that were asked for, one for each query. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

const NO_SUCH_NAME = 3;
const TTL_SECONDS = 60;

export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (bytes: Buffer, peer: RemoteInfo) => {
    const query = decode(bytes);
    const name = query.questions?.[0]?.name ?? '';
    const asked = questions.filter((earlier) => earlier === name).length;
    questions.push(name);
    const reply = replyTo(name, zone, asked);
    if (!reply) return;
    const flags = AUTHORITATIVE_ANSWER | reply.code;
    const packet: Packet = { type: 'response', flags, questions: query.questions ?? [], answers: reply.answers };
    socket.send(encode({ ...packet, id: query.id ?? 0 }), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${String(socket.address().port)}`,
    questions,
    close: () =>
      new Promise((resolve) => {
        socket.close(resolve);
      }),
  };
}

interface Reply {
  readonly code: number;
  readonly answers: (TxtAnswer | StringAnswer)[];
}

function replyTo(name: string, zone: Zone, asked: number): Reply | undefined {
  const entry = zone[name];
  if (entry === 'silence') return undefined;
  if (entry === undefined) return { code: NO_SUCH_NAME, answers: [] };
  if (typeof entry === 'string') return { code: failures[entry], answers: [] };
  if ('alias' in entry) {
    const alias: StringAnswer = { type: 'CNAME', name, ttl: TTL_SECONDS, data: entry.alias };
    return { code: 0, answers: [alias, ...(replyTo(entry.alias, zone, asked)?.answers ?? [])] };
  }
  if ('failsOnce' in entry)
    return asked === 0 ? replyTo(name, { [name]: 'server-failure' }, asked) : textsOf(name, entry.failsOnce);
  return textsOf(name, entry);
}

function textsOf(name: string, texts: readonly (string | readonly string[])[]): Reply {
  const answers = texts.map((data): TxtAnswer => ({ type: 'TXT', name, ttl: TTL_SECONDS, data: stringsOf(data) }));
  return { code: 0, answers };
}

function stringsOf(text: string | readonly string[]): string[] {
  return typeof text === 'string' ? [text] : [...text];
}
