import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { encode } from 'dns-packet';
import type { TxtAnswer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dnsNameService, nameServersOf } from '#adapters/dns/dns-name-service.ts';
import type { NameService } from '#pipeline/check/name-service.ts';
import { describeNameService } from '#test/contracts/name-service.contract.ts';
import { startValidatingResolver } from '#test/support/validating-resolver.ts';
import type { NameEntry, ResolverOptions, ValidatingResolver } from '#test/support/validating-resolver.ts';

const TLSA = { usage: 3, selector: 1, matchingType: 1, data: 'ab'.repeat(32) };
const SHORT_MS = 200;

async function ask(
  zone: Readonly<Record<string, NameEntry>>,
  options: ResolverOptions = {},
): Promise<{ names: NameService; resolver: ValidatingResolver }> {
  const resolver = await startValidatingResolver(zone, options);
  onTestFinished(() => resolver.close());
  return { names: dnsNameService([resolver.server], SHORT_MS * 10), resolver };
}

describeNameService('dnsNameService', async (zone, validates) => {
  const resolver = await startValidatingResolver(zone, { validates });
  return { names: dnsNameService([resolver.server]), stop: () => resolver.close() };
});

describe('dnsNameService', () => {
  it('says which server failed, and how', async () => {
    const { names, resolver } = await ask({ 'a.example': { fault: 'server-failure' } });
    expect(await names.texts('a.example')).toEqual({ kind: 'unanswered', why: `${resolver.server}: SERVFAIL` });
  });

  it('asks over TCP for what is too large for UDP', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `${String(index)}${'x'.repeat(200)}`);
    const { names, resolver } = await ask({ 'a.example': { txt: texts } });
    expect(await names.texts('a.example')).toMatchObject({ records: texts.map((text) => [text]) });
    expect(resolver.questions).toEqual(['TXT a.example', 'TXT a.example tcp']);
  });

  it('asks the next server when one is silent, and says so when all are', async () => {
    const { resolver } = await ask({ 'a.example': { txt: ['x'] } });
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.close();
    });
    const deaf = `127.0.0.1:${String(silent.address().port)}`;
    expect(await dnsNameService([deaf, resolver.server], SHORT_MS).texts('a.example')).toMatchObject({
      records: [['x']],
    });
    const unanswered = { kind: 'unanswered', why: `${deaf}: no answer in time` };
    expect(await dnsNameService([deaf], SHORT_MS).texts('a.example')).toEqual(unanswered);
    expect(await dnsNameService([deaf], SHORT_MS).validates()).toBeUndefined();
  });

  it('passes over what is not the answer to its question', async () => {
    const answers: TxtAnswer[] = [{ type: 'TXT', name: 'a.example', data: ['forged'] }];
    const { names } = await ask(
      { 'a.example': { txt: ['true'] } },
      {
        before: ({ id = 0, questions = [] }) => [
          Buffer.from('nothing of the kind'),
          encode({ type: 'response', id: (id + 1) & 0xffff, questions, answers }),
          encode({ type: 'query', id, questions, answers }),
          encode({ type: 'response', id, questions: [{ type: 'TXT', name: 'b.example' }], answers }),
        ],
      },
    );
    expect(await names.texts('a.example')).toMatchObject({ records: [['true']] });
  });

  it('takes no harm from answers that are damaged anywhere', async () => {
    const damaged = fc.sample(fc.uint8Array({ minLength: 0, maxLength: 80 }), 50);
    const { names } = await ask(
      { 'a.example': { tlsa: [TLSA] } },
      {
        before: ({ id = 0, questions = [] }) => {
          const head = encode({ type: 'response', id, questions, answers: [] });
          head.writeUInt16BE(3, 6);
          return damaged.map((bytes) => Buffer.concat([head, bytes]));
        },
      },
    );
    expect(['answered', 'unanswered']).toContain((await names.tlsaRecords('a.example')).kind);
  });
});

describe('nameServersOf', () => {
  it('names those that are set, or else those of the system', () => {
    expect(nameServersOf(['192.0.2.53'])).toEqual(['192.0.2.53']);
    expect(Array.isArray(nameServersOf([]))).toBe(true);
  });
});
