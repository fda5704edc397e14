/**
 * One question to one name server and its answer: over UDP, and over TCP where that is too small for it (RFC 1035 4.2, RFC 7766 5).
 *
 * Only what comes from the server that was asked, with the number and the question, is taken for an answer; anything else is passed over.
 * Rejects with what kept the answer away, after the time at the latest.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { AUTHENTIC_DATA, CHECKING_DISABLED, decode, DNSSEC_OK, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DecodedPacket, OptAnswer } from 'dns-packet';

export interface DnsServerAddress {
  readonly address: string;
  readonly port: number;
}

export type QuestionType = 'A' | 'AAAA' | 'MX' | 'SOA' | 'TLSA' | 'TXT';

export interface DnsQuestion {
  readonly name: string;
  readonly type: QuestionType;
  /** False: also what DNSSEC says must not be believed. */
  readonly isChecked: boolean;
}

const DNS_PORT = 53;
/** What passes any network in one piece (DNS flag day 2020). */
const UDP_PAYLOAD_BYTES = 1_232;
const LENGTH_BYTES = 2;

/** `ADDR` or `ADDR:PORT`, IPv6 in brackets when a port follows. */
export function parseServer(text: string): DnsServerAddress {
  const [, ipv6, ipv4, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { address: ipv6 ?? ipv4 ?? text, port: port === undefined ? DNS_PORT : Number(port) };
}

export async function askServer(
  server: DnsServerAddress,
  question: DnsQuestion,
  timeoutMs: number,
): Promise<DecodedPacket> {
  const query = new Query(question);
  const answer = await askOverUdp(server, query, timeoutMs);
  return answer.flag_tc ? askOverTcp(server, query, timeoutMs) : answer;
}

class Query {
  readonly bytes: Buffer;
  readonly #id = randomInt(65_536);
  readonly #question: DnsQuestion;

  constructor(question: DnsQuestion) {
    this.#question = question;
    const { name, type, isChecked } = question;
    // RFC 6840 5.7: AD says that we want to hear of it; some name servers say so only to who sets DO.
    const flags = RECURSION_DESIRED | AUTHENTIC_DATA | (isChecked ? 0 : CHECKING_DISABLED);
    this.bytes = encode({ type: 'query', id: this.#id, flags, questions: [{ type, name }], additionals: [edns] });
  }

  /** Undefined for what is not its answer. */
  readAnswer(bytes: Buffer): DecodedPacket | undefined {
    try {
      const packet = decode(bytes);
      const [asked] = packet.questions ?? [];
      const isIts = packet.id === this.#id && packet.flag_qr && this.#isAsked(asked?.name, asked?.type);
      return isIts ? packet : undefined;
    } catch {
      return undefined;
    }
  }

  #isAsked(name: string | undefined, type: string | undefined): boolean {
    return name?.toLowerCase() === this.#question.name.toLowerCase() && type === this.#question.type;
  }
}

const edns: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_PAYLOAD_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: DNSSEC_OK,
  flag_do: true,
  options: [],
};

function askOverUdp({ address, port }: DnsServerAddress, query: Query, timeoutMs: number): Promise<DecodedPacket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const answered = new Promise<DecodedPacket>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      const answer = query.readAnswer(bytes);
      if (answer) resolve(answer);
    });
    // A connected socket hears nobody else.
    socket.connect(port, address, (error?: Error) => {
      if (error)
        reject(error); // such as that no network leads there
      else socket.send(query.bytes);
    });
  });
  return withinTime(answered, timeoutMs).finally(() => {
    socket.close();
  });
}

function askOverTcp({ address, port }: DnsServerAddress, query: Query, timeoutMs: number): Promise<DecodedPacket> {
  const socket = connect(port, address);
  const answered = new Promise<DecodedPacket>((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the connection was closed'));
    });
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const whole = framed(received);
      if (!whole) return;
      const answer = query.readAnswer(whole);
      if (answer) resolve(answer);
      else reject(new Error('the answer cannot be understood'));
    });
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(query.bytes.length);
    socket.write(Buffer.concat([length, query.bytes]));
  });
  return withinTime(answered, timeoutMs).finally(() => {
    socket.destroy();
  });
}

/** RFC 1035 4.2.2. Undefined while it is not all there. */
function framed(received: Buffer): Buffer | undefined {
  if (received.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + received.readUInt16BE(0);
  return received.length < end ? undefined : received.subarray(LENGTH_BYTES, end);
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, timeoutMs, new Error('no answer in time'));
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
