/**
 * A DNS server for the domains of the test, on port 53 of loopback. All that it says has the AD bit, as from a resolver that has checked it.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { AUTHENTIC_DATA, decode, encode, RECURSION_AVAILABLE } from 'dns-packet';
import type { Answer } from 'dns-packet';
import { hostOf, receivers, REPORTS_TO } from './receivers.ts';
import type { ReceiverPlan } from './receivers.ts';

const NO_SUCH_NAME = 3;
const ttl = 300;

/** `certificates` are in PEM, by host. */
export async function serveDns(certificates: ReadonlyMap<string, string>): Promise<void> {
  const records = receivers.flatMap((receiver) => recordsOf(receiver, certificates));
  const socket = createSocket('udp4');
  socket.on('message', (bytes, peer) => {
    const { id = 0, questions = [] } = decode(bytes);
    const [question] = questions;
    if (!question) return;
    const { name, type } = question;
    const ofName = records.filter((record) => record.name === name.toLowerCase());
    const answers = ofName.filter((record) => record.type === type);
    const code = ofName.length === 0 && !isParent(name, records) ? NO_SUCH_NAME : 0;
    const flags = RECURSION_AVAILABLE | AUTHENTIC_DATA | code;
    socket.send(encode({ type: 'response', id, flags, questions, answers }), peer.port, peer.address);
  });
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
}

function isParent(name: string, records: readonly Answer[]): boolean {
  return records.some((record) => record.name.endsWith(`.${name.toLowerCase()}`));
}

function recordsOf(receiver: ReceiverPlan, certificates: ReadonlyMap<string, string>): Answer[] {
  const { domain, address, tlsa } = receiver;
  const host = hostOf(receiver);
  return [
    { name: domain, type: 'MX', ttl, data: { preference: 10, exchange: host } },
    { name: host, type: 'A', ttl, data: address },
    { name: `_smtp._tls.${domain}`, type: 'TXT', ttl, data: `v=TLSRPTv1; rua=mailto:${REPORTS_TO}` },
    ...(tlsa === undefined
      ? []
      : [tlsaRecord(`_25._tcp.${host}`, tlsa === 'matching' ? certificates.get(host) : undefined)]),
  ];
}

/** RFC 6698: 3 0 1, the digest of the whole certificate; without one, of nothing that anybody has. */
function tlsaRecord(name: string, pem: string | undefined): Answer {
  const content = pem === undefined ? 'another certificate' : new X509Certificate(pem).raw;
  const certificate = createHash('sha256').update(content).digest();
  return { name, type: 'TLSA', ttl, data: { usage: 3, selector: 0, matchingType: 1, certificate } };
}
