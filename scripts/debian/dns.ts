/**
 * A DNS server for the domains of the test, on port 53 of loopback. All that it says has the AD bit, as from a resolver that has checked it,
 * unless it is told otherwise.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { AUTHENTIC_DATA, decode, encode, RECURSION_AVAILABLE } from 'dns-packet';
import type { Answer } from 'dns-packet';
import { systemClock } from '#support/clock.ts';
import { hostOf, receivers, REPORTS_TO } from './receivers.ts';
import type { ReceiverPlan } from './receivers.ts';

const NO_SUCH_NAME = 3;
const ROOT = '.';
const ttl = 300;
/** As long as the root zone is signed for. */
const SIGNED_S = { before: 86_400, after: 12 * 86_400 };

/** What holds until the next one; what is not named is as on a sound network. */
export interface NameFaults {
  /** No DNS server runs. */
  readonly isDead?: boolean;
  /** It believes whatever it hears. */
  readonly isCredulous?: boolean;
  /** How much later than now the root zone was signed. */
  readonly signedLaterMs?: number;
  /** The TXT records that stand at a name instead of those that are there. */
  readonly texts?: Readonly<Record<string, readonly string[]>>;
}

export class NameServer {
  readonly #records: readonly Answer[];
  #faults: NameFaults = {};
  #socket: Socket | undefined;

  /** `certificates` are in PEM, by host. */
  constructor(certificates: ReadonlyMap<string, string>) {
    this.#records = receivers.flatMap((receiver) => recordsOf(receiver, certificates));
  }

  /** Resolves once it answers so. */
  async serve(faults: NameFaults = {}): Promise<void> {
    this.#faults = faults;
    this.#socket?.close();
    this.#socket = undefined;
    if (faults.isDead === true) return;
    const socket = createSocket('udp4');
    socket.on('message', (bytes, peer) => {
      const answer = this.#answerTo(bytes);
      if (answer) socket.send(answer, peer.port, peer.address);
    });
    socket.bind(53, '127.0.0.1');
    await once(socket, 'listening');
    this.#socket = socket;
  }

  #answerTo(bytes: Buffer): Buffer | undefined {
    const { id = 0, questions = [] } = decode(bytes);
    const [question] = questions;
    if (!question) return undefined;
    const { type } = question;
    const name = question.name.toLowerCase();
    const records = this.#recordsNow();
    const ofName = records.filter((record) => record.name === name);
    const answers = name === ROOT ? ofName : ofName.filter((record) => record.type === type);
    const code = ofName.length === 0 && !isParent(name, records) ? NO_SUCH_NAME : 0;
    const flags = RECURSION_AVAILABLE | (this.#faults.isCredulous === true ? 0 : AUTHENTIC_DATA) | code;
    return encode({ type: 'response', id, flags, questions, answers });
  }

  #recordsNow(): readonly Answer[] {
    const { texts = {}, signedLaterMs = 0, isCredulous } = this.#faults;
    return [
      ...this.#records.filter(({ name, type }) => type !== 'TXT' || !(name in texts)),
      ...Object.entries(texts).flatMap(([name, values]) => values.map((text) => textRecord(name, text))),
      ...(isCredulous === true ? [] : [rootSignature(systemClock.nowMs() + signedLaterMs)]),
    ];
  }
}

function isParent(name: string, records: readonly Answer[]): boolean {
  return name === ROOT || records.some((record) => record.name.endsWith(`.${name}`));
}

function recordsOf(receiver: ReceiverPlan, certificates: ReadonlyMap<string, string>): Answer[] {
  const { domain, address, tlsa } = receiver;
  const host = hostOf(receiver);
  return [
    { name: domain, type: 'MX', ttl, data: { preference: 10, exchange: host } },
    { name: host, type: 'A', ttl, data: address },
    textRecord(`_smtp._tls.${domain}`, `v=TLSRPTv1; rua=mailto:${REPORTS_TO}`),
    ...(tlsa === undefined
      ? []
      : [tlsaRecord(`_25._tcp.${host}`, tlsa === 'matching' ? certificates.get(host) : undefined)]),
  ];
}

/** In character-strings of no more than 255 octets. */
function textRecord(name: string, text: string): Answer {
  return { name, type: 'TXT', ttl, data: text.match(/.{1,255}/g) ?? [''] };
}

/** RFC 6698: 3 0 1, the digest of the whole certificate; without one, of nothing that anybody has. */
function tlsaRecord(name: string, pem: string | undefined): Answer {
  const content = pem === undefined ? 'another certificate' : new X509Certificate(pem).raw;
  const certificate = createHash('sha256').update(content).digest();
  return { name, type: 'TLSA', ttl, data: { usage: 3, selector: 0, matchingType: 1, certificate } };
}

/** RFC 4034 3.1; what is signed nobody here verifies. */
function rootSignature(signedMs: number): Answer {
  const signedS = Math.floor(signedMs / 1_000);
  const [inception, expiration] = [signedS - SIGNED_S.before, signedS + SIGNED_S.after];
  const data = {
    typeCovered: 'SOA',
    algorithm: 8,
    labels: 0,
    originalTTL: 86_400,
    inception,
    expiration,
    keyTag: 1,
    signersName: ROOT,
    signature: Buffer.alloc(256),
  };
  return { name: ROOT, type: 'RRSIG', ttl, data };
}
