import { afterEach, describe, expect, it } from 'vitest';
import { httpsTransport } from '#adapters/https/https-transport.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { makeTestCa, type CertificateWish } from '#test/support/test-certificates.ts';
import { HOST, addressOf, deliverTo, optionsFor, startReceiver } from './receiver.ts';
import { startNameServer } from './name-server.ts';

const URI = `https://${HOST}/`;
let sink: HttpsSink;

afterEach(() => sink.close());

async function receiver(certificate?: CertificateWish): Promise<HttpsSink> {
  sink = await startReceiver(certificate && { certificate });
  return sink;
}

describe('httpsTransport, facing certificates', () => {
  it('defers when the authority is not trusted', async () => {
    const { port, requests } = await receiver();
    const { caPem: anotherCa } = await makeTestCa();
    const { kind, reply } = await deliverTo(URI, await optionsFor(port, { ca: anotherCa }));
    expect(kind).toBe('deferred');
    expect(reply).toMatch(/certificate.*UNABLE_TO_/);
    expect(requests).toEqual([]);
  });

  it('defers when the certificate is for another name', async () => {
    const { port, requests } = await receiver({ names: ['www.good.example', '127.0.0.1'] });
    const { kind, reply } = await deliverTo(URI, await optionsFor(port));
    expect(kind).toBe('deferred');
    expect(reply).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(requests).toEqual([]);
  });

  it('defers when the certificate has expired', async () => {
    const { port, requests } = await receiver({ names: [HOST], expired: true });
    const { kind, reply } = await deliverTo(URI, await optionsFor(port));
    expect(kind).toBe('deferred');
    expect(reply).toContain('CERT_HAS_EXPIRED');
    expect(requests).toEqual([]);
  });

  const wrongCertificates: readonly [what: string, certificate: CertificateWish][] = [
    ['is expired', { names: [HOST], expired: true }],
    ['is for another name', { names: ['www.good.example'] }],
  ];

  it.each(wrongCertificates)('delivers when the certificate %s, if any will do', async (_what, certificate) => {
    const { port, requests } = await receiver(certificate);
    const { caPem: anotherCa } = await makeTestCa();
    const options = await optionsFor(port, { ca: anotherCa, anyCertificate: true });
    expect((await deliverTo(URI, options)).kind).toBe('delivered');
    expect(requests).toHaveLength(1);
  });

  it('checks the certificate of an address against that address', async () => {
    const { port, requests } = await receiver({ names: ['127.0.0.1'] });
    const uri = `https://127.0.0.1:${String(port)}/`;
    const outcome = await deliverTo(uri, await optionsFor(port, { allowPrivateDestinations: true }));
    expect(outcome.kind).toBe('delivered');
    expect(requests[0]?.serverName).toBeUndefined();
  });

  it('checks the certificate against the address in the URL, not against the one of the route', async () => {
    const { port } = await receiver({ names: ['127.0.0.1'] });
    const connectTo = [{ host: '192.0.2.1', port: 443, toHost: '127.0.0.1', toPort: port }];
    const { kind, reply } = await deliverTo('https://192.0.2.1/', await optionsFor(port, { connectTo }));
    expect(kind).toBe('deferred');
    expect(reply).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

describe('httpsTransport, facing addresses that are not public', () => {
  it('does not connect to this machine', async () => {
    const { port, requests } = await receiver({ names: ['127.0.0.1'] });
    const outcome = await deliverTo(`https://127.0.0.1:${String(port)}/`, await optionsFor(port));
    expect(outcome).toEqual({
      kind: 'refused',
      reply: 'not contacted: 127.0.0.1 (loopback) is not a public address',
    });
    expect(requests).toEqual([]);
  });

  it('does not connect to a name that leads to this machine', async () => {
    const { port, requests } = await receiver();
    const names = await startNameServer({ [HOST]: ['127.0.0.1'] });
    const options = await optionsFor(port, { connectTo: [], dnsServers: [names.server] });
    const { kind, reply } = await deliverTo(`https://${HOST}:${String(port)}/`, options);
    await names.close();
    expect(kind).toBe('deferred');
    expect(reply).toContain(`${HOST} has no public address, only 127.0.0.1 (loopback)`);
    expect(requests).toEqual([]);
  });

  it('connects to it when allowed, to the address of the one lookup', async () => {
    const { port } = await receiver();
    const names = await startNameServer({ [HOST]: ['127.0.0.1'] });
    const changes = { connectTo: [], dnsServers: [names.server], allowPrivateDestinations: true };
    const outcome = await deliverTo(`https://${HOST}:${String(port)}/`, await optionsFor(port, changes));
    await names.close();
    expect(outcome.kind).toBe('delivered');
    expect(names.questions).toEqual([HOST, HOST]); // A and AAAA, once each
  });

  it('connects to the address it has checked, whatever the name says a moment later', async () => {
    const { port, requests } = await receiver();
    const names = await startNameServer(answering([['127.0.0.1'], ['127.0.0.1'], ['127.0.0.2']]));
    const changes = { connectTo: [], dnsServers: [names.server], allowPrivateDestinations: true };
    const outcome = await deliverTo(`https://${HOST}:${String(port)}/`, await optionsFor(port, changes));
    await names.close();
    expect(outcome.kind).toBe('delivered');
    expect(requests).toHaveLength(1);
  });

  it('does not ask again in the hope of a better address', async () => {
    const { port, requests } = await receiver();
    const names = await startNameServer(answering([['127.0.0.1'], ['127.0.0.1'], ['8.8.8.8']]));
    const options = await optionsFor(port, { connectTo: [], dnsServers: [names.server] });
    const outcome = await deliverTo(`https://${HOST}:${String(port)}/`, options);
    await names.close();
    expect(outcome.kind).toBe('deferred');
    expect([requests, names.questions.length]).toEqual([[], 2]);
  });

  it('checks the name again for the next report, although a connection is open', async () => {
    const { port, requests } = await receiver();
    const names = await startNameServer(answering([['127.0.0.1'], ['127.0.0.1'], ['127.0.0.2']]));
    const changes = { connectTo: [], dnsServers: [names.server], allowPrivateDestinations: true };
    const transport = httpsTransport(await optionsFor(port, changes));
    const uri = addressOf(`https://${HOST}:${String(port)}/`);
    const outcomes = [];
    for (const id of ['id-1@sender.example', 'id-2@sender.example'])
      outcomes.push((await transport.deliver(reportWithId(id), uri)).kind);
    await transport.close();
    await names.close();
    expect(outcomes).toEqual(['delivered', 'deferred']);
    expect(requests).toHaveLength(1);
  });
});

/** A zone whose answer for HOST is another one with each question; the last one stays. */
function answering(answers: readonly (readonly string[])[]): Record<string, readonly string[]> {
  let questions = 0;
  return {
    get [HOST]() {
      return answers[Math.min(questions++, answers.length - 1)] ?? [];
    },
  };
}
