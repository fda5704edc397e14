/**
 * The datagrams that were recorded from libtlsrpt and Postfix, and ones made for a test.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../fixtures/datagrams', import.meta.url));

/** The one whose name begins so. */
export function recordedDatagram(beginning: string): Buffer {
  const [name] = recordedNames().filter((one) => one.startsWith(beginning));
  if (name === undefined) throw new Error(`there is no datagram ${beginning}`);
  return readFileSync(join(FOLDER, name));
}

/** All that can be sent through a socket and as a line alike, but those with one of the names. */
export function recordedDatagrams(leftOut: readonly string[] = []): Buffer[] {
  return recordedNames()
    .filter((name) => !leftOut.some((one) => name.includes(one)))
    .map((name) => readFileSync(join(FOLDER, name)));
}

function recordedNames(): string[] {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.json')).sort();
}

export interface DatagramWish {
  readonly domain: string;
  /** The failure codes of the one policy; none: a success. */
  readonly failures?: readonly {
    readonly code: number;
    readonly receivingIp?: string;
    readonly receivingHost?: string;
  }[];
  readonly record?: string;
}

export function makeDatagram({
  domain,
  failures = [],
  record = 'v=TLSRPTv1;rua=mailto:tls@example.com',
}: DatagramWish): Buffer {
  const details = failures.map(({ code, receivingIp, receivingHost }) => ({
    c: code,
    r: receivingIp,
    n: receivingHost,
  }));
  const policy = {
    'policy-type': 9,
    'policy-domain': domain,
    'failure-details': details,
    f: failures.length > 0 ? 1 : 0,
  };
  return Buffer.from(JSON.stringify({ dpv: '1', d: domain, pr: record, policies: [policy] }));
}

export function linesOf(datagrams: readonly Buffer[]): string {
  return datagrams.map((bytes) => `${bytes.toString('utf8')}\n`).join('');
}
