/**
 * A DNS server on 127.0.0.1 that knows the addresses of a few hosts; every other name does not exist (RFC 1035 4).
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface NameServer {
  /** ADDR:PORT. */
  readonly server: string;
  /** The names that were asked for, one for each query. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

const HEADER_BYTES = 12;
const AAAA = 28;

export async function startNameServer(zone: Readonly<Record<string, readonly string[]>>): Promise<NameServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, peer) => {
    const { name, type, question } = readQuestion(query);
    questions.push(name);
    const addresses = zone[name]?.filter((address) => isIPv6(address) === (type === AAAA));
    socket.send(formatReply(query.readUInt16BE(0), question, addresses), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return {
    server: `127.0.0.1:${String(socket.address().port)}`,
    questions,
    close: () =>
      new Promise((resolve) => {
        socket.close(resolve);
      }),
  };
}

function readQuestion(query: Buffer): { name: string; type: number; question: Buffer } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const name = labels.join('.').toLowerCase();
  return { name, type: query.readUInt16BE(at + 1), question: query.subarray(HEADER_BYTES, at + 5) };
}

function formatReply(id: number, question: Buffer, addresses: readonly string[] | undefined): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(addresses === undefined ? 0x8583 : 0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses?.length ?? 0, 6);
  return Buffer.concat([header, question, ...(addresses ?? []).map(formatRecord)]);
}

function formatRecord(address: string): Buffer {
  const data = Buffer.from(ipaddr.parse(address).toByteArray());
  const [pointerToName, type, classIn, ttlSeconds] = [0xc00c, isIPv6(address) ? AAAA : 1, 1, 60];
  const record = Buffer.alloc(HEADER_BYTES);
  record.writeUInt16BE(pointerToName, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(classIn, 4);
  record.writeUInt32BE(ttlSeconds, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([record, data]);
}
