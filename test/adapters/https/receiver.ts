/**
 * The receiving side of the HTTPS tests: servers that answer as told, and a transport that reaches them under a name.
 */
import type { ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { HttpsOptions } from '#adapters/https/https-options.ts';
import { httpsTransport } from '#adapters/https/https-transport.ts';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { startHttpsSink, type HttpsSink, type SunkRequest } from '#test/support/https-sink.ts';
import { makeTestCa, type CertificateWish } from '#test/support/test-certificates.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';

export const HOST = 'rua.good.example';
const authority = makeTestCa();

export interface ReceiverWish {
  readonly respond?: (request: SunkRequest, response: ServerResponse) => void;
  readonly certificate?: CertificateWish;
}

/** A server whose certificate is for HOST. */
export async function startReceiver({ respond, certificate }: ReceiverWish = {}): Promise<HttpsSink> {
  const { certPem, keyPem } = await (await authority).issue(certificate ?? { names: [HOST] });
  return startHttpsSink({ cert: certPem, key: keyPem, ...(respond && { respond }) });
}

/** Options that trust the test authority and reach a port of this machine as HOST. */
export async function optionsFor(port: number, changes: Partial<HttpsOptions> = {}): Promise<HttpsOptions> {
  return {
    ca: (await authority).caPem,
    anyCertificate: false,
    allowPrivateDestinations: false,
    ownAddresses: () => [],
    connectTo: [{ host: HOST, port: 443, toHost: '127.0.0.1', toPort: port }],
    dnsServers: [],
    timeoutMs: 10_000,
    maxResponseBytes: 4_096,
    userAgent: 'tlsrpt/test',
    ...changes,
  };
}

export async function deliverTo(uri: string, options: HttpsOptions): Promise<DeliveryOutcome> {
  return httpsTransport(options).deliver(reportWithId('id-1@sender.example'), addressOf(uri));
}

export function addressOf(uri: string): ReportingAddress {
  return { scheme: 'https', uri, host: new URL(uri).hostname };
}

export function reportIdOf({ body }: SunkRequest): string {
  return (JSON.parse(gunzipSync(body).toString('utf8')) as { 'report-id': string })['report-id'];
}
