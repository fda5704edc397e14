/**
 * A name server on 127.0.0.1, over UDP and TCP, that says which of its answers DNSSEC confirms. Names that it does not know do not exist.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { AUTHENTIC_DATA, decode, encode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { TlsaRecord } from '#tlsrpt/tlsa-record.ts';

export interface NameEntry {
  readonly txt?: readonly (string | readonly string[])[];
  readonly mx?: readonly string[];
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly tlsa?: readonly TlsaRecord[];
  readonly alias?: string;
  /** By default it is, as far as the server validates. */
  readonly isSigned?: boolean;
  readonly fault?: 'bogus' | 'server-failure' | 'silence';
}

type Zone = Readonly<Record<string, NameEntry>>;

export interface ResolverOptions {
  readonly validates?: boolean;
  /** Bytes that it sends before its answer, to each question. */
  readonly before?: (question: DecodedPacket) => readonly Buffer[];
}

export interface ValidatingResolver {
  /** ADDR:PORT. */
  readonly server: string;
  /** `TYPE NAME`, with `+cd` for those without checks and `tcp` for those over TCP. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

const [SERVER_FAILURE, NO_SUCH_NAME] = [2, 3];
const MAX_UDP_BYTES = 1_232;
const ROOT = '.';

export async function startValidatingResolver(
  zone: Zone,
  { validates = true, before = () => [] }: ResolverOptions = {},
): Promise<ValidatingResolver> {
  const questions: string[] = [];
  const answerTo = (bytes: Buffer, way: 'udp' | 'tcp'): Buffer | undefined => {
    const query = decode(bytes);
    const { name, type } = questionOf(query);
    questions.push(`${type} ${name}${query.flag_cd ? ' +cd' : ''}${way === 'tcp' ? ' tcp' : ''}`);
    const reply = replyTo(query, zone, validates);
    if (!reply) return undefined;
    const packet = { type: 'response', id: query.id ?? 0, questions: query.questions ?? [], ...reply } as const;
    const whole = encode(packet);
    if (way === 'tcp' || whole.length <= MAX_UDP_BYTES) return whole;
    return encode({ ...packet, flags: reply.flags | TRUNCATED_RESPONSE, answers: [] });
  };

  const listener = createServer((socket) => {
    serveTcp(socket, (bytes) => answerTo(bytes, 'tcp'));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, peer) => {
    for (const early of before(decode(bytes))) udp.send(early, peer.port, peer.address);
    const answer = answerTo(bytes, 'udp');
    if (answer) udp.send(answer, peer.port, peer.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    server: `127.0.0.1:${String(port)}`,
    questions,
    close: async () => {
      udp.close();
      listener.close();
      await once(listener, 'close');
    },
  };
}

function serveTcp(socket: Socket, answerTo: (bytes: Buffer) => Buffer | undefined): void {
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    const answer = answerTo(bytes.subarray(2)) ?? Buffer.alloc(0);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(answer.length);
    socket.end(Buffer.concat([length, answer]));
  });
}

function questionOf({ questions: [question] = [] }: DecodedPacket): { name: string; type: string } {
  return { name: question?.name.toLowerCase() ?? '', type: question?.type ?? 'A' };
}

function replyTo(
  query: DecodedPacket,
  zone: Zone,
  validates: boolean,
): { readonly flags: number; readonly answers: Answer[] } | undefined {
  const { name, type } = questionOf(query);
  const { fault, isSigned = true } = zone[name] ?? {};
  if (fault === 'silence') return undefined;
  if (fault === 'server-failure' || (fault === 'bogus' && !query.flag_cd))
    return { flags: RECURSION_AVAILABLE | SERVER_FAILURE, answers: [] };
  const rcode = name === ROOT || name in zone ? 0 : NO_SUCH_NAME;
  const isAuthentic = validates && isSigned && !query.flag_cd;
  const flags = RECURSION_AVAILABLE | rcode | (isAuthentic ? AUTHENTIC_DATA : 0);
  return { flags, answers: answersOf(name, type, zone) };
}

function answersOf(name: string, type: string, zone: Zone): Answer[] {
  const entry = zone[name];
  if (entry?.alias !== undefined)
    return [{ type: 'CNAME', name, ttl: 60, data: entry.alias }, ...answersOf(entry.alias, type, zone)];
  const { txt = [], mx = [], a = [], aaaa = [], tlsa = [] } = entry ?? {};
  const all: Answer[] = [
    ...txt.map((data): Answer => ({ type: 'TXT', name, data: [data].flat() })),
    ...mx.map((exchange, index): Answer => ({ type: 'MX', name, data: { preference: 10 * (index + 1), exchange } })),
    ...a.map((data): Answer => ({ type: 'A', name, data })),
    ...aaaa.map((data): Answer => ({ type: 'AAAA', name, data })),
    ...tlsa.map(({ data, ...fields }): Answer => {
      return { type: 'TLSA', name, data: { ...fields, certificate: Buffer.from(data, 'hex') } };
    }),
  ];
  return all.filter((answer) => answer.type === type);
}
