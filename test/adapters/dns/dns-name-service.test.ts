import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { encode } from 'dns-packet';
import type { TxtAnswer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dnsNameService, nameServersOf } from '#adapters/dns/dns-name-service.ts';
import type { NameService } from '#pipeline/check/name-service.ts';
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

describe('dnsNameService', () => {
  it('gives records with whether DNSSEC confirms them', async () => {
    const { names } = await ask({
      'a.example': { mx: ['mx.a.example'], txt: [['v=STSv1; ', 'id=1']] },
      'mx.a.example': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
      '_25._tcp.mx.a.example': { tlsa: [TLSA], isSigned: false },
    });
    const facts = { kind: 'answered', isAuthenticated: true, isAlias: false };
    expect(await names.texts('a.example')).toEqual({ ...facts, records: [['v=STSv1; ', 'id=1']] });
    expect(await names.mailHosts('a.example')).toEqual({
      ...facts,
      records: [{ preference: 10, host: 'mx.a.example' }],
    });
    expect(await names.addresses('mx.a.example')).toEqual({ ...facts, records: ['192.0.2.1', '2001:db8::1'] });
    expect(await names.tlsaRecords('_25._tcp.mx.a.example')).toEqual({
      ...facts,
      records: [TLSA],
      isAuthenticated: false,
    });
  });

  it.each([true, false])('knows whether the name server validates: %j', async (validates) => {
    const { names } = await ask({}, { validates });
    expect(await names.validates()).toBe(validates);
  });

  it('takes a name that does not exist for one without records', async () => {
    const { names } = await ask({});
    expect(await names.texts('a.example')).toMatchObject({ kind: 'answered', records: [] });
  });

  it('follows an alias, and says so', async () => {
    const { names } = await ask({ 'mx.a.example': { alias: 'mx.b.example' }, 'mx.b.example': { a: ['192.0.2.1'] } });
    expect(await names.addresses('mx.a.example')).toMatchObject({ records: ['192.0.2.1'], isAlias: true });
  });

  it('tells what DNSSEC refutes from what fails', async () => {
    const { names, resolver } = await ask({
      'bogus.example': { txt: ['x'], fault: 'bogus' },
      'failing.example': { fault: 'server-failure' },
    });
    expect(await names.texts('bogus.example')).toEqual({ kind: 'bogus' });
    expect(await names.texts('failing.example')).toEqual({
      kind: 'unanswered',
      why: `${resolver.server}: SERVFAIL`,
    });
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
