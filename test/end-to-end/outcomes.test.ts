/**
 * Each way in which a delivery can end, with real mail servers, endpoints and name servers, and what the ledger says of it.
 */
import type { ServerResponse } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNameServer } from '#test/adapters/https/name-server.ts';
import type { NameServer } from '#test/adapters/https/name-server.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { Sending, START_MS } from '#test/support/sending.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions, StepAnswer } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import type { DeliveryState } from '#tlsrpt/delivery.ts';

const RUA = 'rua.good.example';
const MINUTE_MS = 60_000;

let caPem: string;
let certificate: { readonly cert: string; readonly key: string };
let https: HttpsSink;
let names: NameServer;

beforeAll(async () => {
  const authority = await makeTestCa();
  const { certPem: cert, keyPem: key } = await authority.issue({ names: [RUA] });
  certificate = { cert, key };
  caPem = authority.caPem;
  https = await startHttpsSink({
    cert,
    key,
    respond: ({ url }, response) => {
      answers[url.slice(1)]?.(response);
    },
  });
  names = await startNameServer({ 'inside.example': ['10.1.2.3', '::1', '64:ff9b::7f00:1', '::ffff:127.0.0.1'] });
});

afterAll(async () => {
  await https.close();
  await names.close();
});

type Respond = (response: ServerResponse) => void;

function status(code: number, headers: Record<string, string> = {}): Respond {
  return (response) => response.writeHead(code, headers).end('so be it');
}

function redirectTo(location: string): Respond {
  return status(307, { Location: location });
}

/** By path. */
const answers: Readonly<Record<string, Respond>> = {
  '200': status(200),
  '201': status(201),
  '204': (response) => response.writeHead(204).end(),
  '301': status(301, { Location: '/201' }),
  '404': status(404),
  '429': status(429, { 'Retry-After': '600' }),
  '500': status(500),
  late: status(503, { 'Retry-After': '999999' }),
  'slow-body': (response) => response.writeHead(200).write('one moment'),
  'endless-body': (response) => {
    const flood = (): void => {
      while (!response.destroyed && response.write('x'.repeat(4_096)));
    };
    response.writeHead(500).on('drain', flood);
    flood();
  },
  silent: () => undefined,
  cut: (response) => response.destroy(),
  'to-http': redirectTo(`http://${RUA}/200`),
  'to-loopback': redirectTo('https://127.0.0.1/200'),
  'to-inside': redirectTo('https://inside.example/200'),
  round: redirectTo('/round'),
};

interface Ledger {
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastResult: string | undefined;
  /** From the first attempt on, in whole minutes: the attempt itself took a moment. */
  readonly waitMs: number | undefined;
}

function minutesBefore(timeMs: number): number {
  return Math.floor((timeMs - START_MS) / MINUTE_MS) * MINUTE_MS;
}

/** One run of send on one delivery; then what the ledger says, and what the program. */
async function deliver(
  destination: string,
  words: readonly string[],
): Promise<{ ledger: Ledger; code: number; again: (...atMs: number[]) => Promise<Ledger> }> {
  const sending = await Sending.with({ destinations: [destination] });
  const caFile = join(scratchDirectory(), 'ca.pem');
  writeFileSync(caFile, caPem);
  const trust = ['--https-ca', caFile, '--https-connect-to', `${RUA}:443:127.0.0.1:${String(https.port)}`];
  const send = (nowMs: number): Promise<{ code: number }> =>
    run(['send', '--contact', 'tlsrpt@sender.example', '--dns-server', names.server, ...trust, ...words], {
      stateDir: sending.store.path,
      nowMs,
    });
  const ledger = (): Ledger => {
    const [delivery] = sending.deliveries();
    if (!delivery) throw new Error('the ledger is empty');
    const { state, attempts, lastResult, nextAttemptMs } = delivery;
    return { state, attempts, lastResult, waitMs: nextAttemptMs && minutesBefore(nextAttemptMs) };
  };
  const { code } = await send(START_MS);
  return {
    ledger: ledger(),
    code,
    again: async (...atMs) => {
      for (const nowMs of atMs) await send(nowMs);
      return ledger();
    },
  };
}

const some = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('the ledger, of an HTTPS endpoint', () => {
  const DONE = { code: 0, waitMs: undefined };
  const WAITS = { code: 75 };

  it.each([
    ['200', 'delivered', /^HTTP 200 OK: so be it$/, DONE],
    ['201', 'delivered', /^HTTP 201 Created: so be it$/, DONE],
    ['204', 'delivered', /^HTTP 204 No Content$/, DONE],
    ['301', 'delivered', /^HTTP 201 Created: so be it$/, DONE],
    ['404', 'refused', /^HTTP 404 Not Found: so be it$/, DONE],
    ['429', 'deferred', /^HTTP 429 Too Many Requests: so be it$/, { ...WAITS, waitMs: 10 * MINUTE_MS }],
    ['late', 'deferred', /^HTTP 503 /, { ...WAITS, waitMs: 360 * MINUTE_MS }],
    ['500', 'deferred', /^HTTP 500 Internal Server Error: so be it$/, WAITS],
    ['slow-body', 'delivered', /^HTTP 200 OK: one moment$/, DONE],
    ['endless-body', 'deferred', /^HTTP 500 Internal Server Error: x{200}$/, WAITS],
    ['silent', 'deferred', /no answer in time/, WAITS],
    ['cut', 'deferred', /hang up|ECONNRESET/, WAITS],
    ['to-http', 'refused', /redirects to http:\/\/.*, which is not https$/, DONE],
    ['to-loopback', 'refused', /redirects to another host, 127\.0\.0\.1$/, DONE],
    ['to-inside', 'refused', /redirects to another host, inside\.example$/, DONE],
    ['round', 'refused', /redirects more than 3 times$/, DONE],
  ] as const)('that answers %s', async (path, state, words, expected) => {
    const { ledger, code } = await deliver(`https://${RUA}/${path}`, ['--timeout', '1s']);
    expect({ ...ledger, code }).toMatchObject({ state, attempts: 1, lastResult: some(words), ...expected });
  });

  it('whose name leads to private addresses for now', async () => {
    const before = https.requests.length;
    const { ledger, code } = await deliver('https://inside.example/r', []);
    expect({ ...ledger, code }).toMatchObject({ state: 'deferred', lastResult: some(/^not contacted: /), ...WAITS });
    expect(https.requests.length).toBe(before);
  });

  it.each(['https://[::ffff:127.0.0.1]/r', 'https://[64:ff9b::7f00:1]/r', 'https://localhost/r'])(
    'that must not be contacted: %s',
    async (uri) => {
      const before = https.requests.length;
      const { ledger, code } = await deliver(uri, []);
      expect({ ...ledger, code }).toMatchObject({ state: 'refused', lastResult: some(/^not contacted: /), code: 0 });
      expect(https.requests.length).toBe(before);
    },
  );
});

describe('the ledger, of a mailbox', () => {
  async function mailTo(
    sinkOptions: SmtpSinkOptions,
    words: readonly string[] = [],
  ): Promise<Awaited<ReturnType<typeof deliver>> & { sink: SmtpSink }> {
    const sink = await startSmtpSink(sinkOptions);
    const smtp = ['--smtp', `smtp://127.0.0.1:${String(sink.port)}`];
    const delivered = await deliver('mailto:tls@good.example', [...smtp, '--timeout', '1s', ...words]);
    return {
      ...delivered,
      again: async (...atMs) => {
        const ledger = await delivered.again(...atMs);
        await sink.close();
        return ledger;
      },
      sink,
    };
  }

  it('that accepts', async () => {
    const { ledger, code, sink } = await mailTo({});
    expect({ ...ledger, code }).toMatchObject({ state: 'delivered', attempts: 1, lastResult: some(/^250 /), code: 0 });
    expect(sink.mails).toHaveLength(1);
    await sink.close();
  });

  it('that says 4xx, then accepts', async () => {
    const replies: StepAnswer[] = [smtpError(450, 'greylisted'), undefined];
    const { ledger, code, again } = await mailTo({ onRcptTo: () => replies.shift() });
    expect({ ...ledger, code }).toMatchObject({
      state: 'deferred',
      attempts: 1,
      lastResult: some(/^450 .*greylisted \(in reply to RCPT TO\)$/),
      code: 75,
    });
    expect(await again(START_MS + 2 * MINUTE_MS)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('that says 5xx, and is not asked again', async () => {
    const { ledger, code, again, sink } = await mailTo({ onRcptTo: () => smtpError(550, 'no such user') });
    const refused = { state: 'refused', attempts: 1, lastResult: some(/^550 .*no such user \(in reply to RCPT TO\)$/) };
    expect({ ...ledger, code }).toMatchObject({ ...refused, code: 0 });
    expect(await again(START_MS + 2 * MINUTE_MS)).toMatchObject(refused);
    expect(sink.connections()).toBe(1);
  });

  it('that takes the mail and disconnects before its reply, then gets it once more', async () => {
    let losses = 1;
    const { ledger, again, sink } = await mailTo({ onData: () => (losses-- > 0 ? 'disconnect' : undefined) });
    expect(ledger).toMatchObject({ state: 'deferred', attempts: 1 });
    expect(await again(START_MS + 2 * MINUTE_MS)).toMatchObject({ state: 'delivered', attempts: 2 });
    expect(sink.mails).toHaveLength(1);
  });

  it('that does not answer in time', async () => {
    const { ledger, code, sink } = await mailTo({ onData: () => 'silent' });
    expect({ ...ledger, code }).toMatchObject({ state: 'deferred', lastResult: some(/in time/), code: 75 });
    await sink.close();
  });

  it('that offers no TLS where it is required', async () => {
    const { ledger, code, sink } = await mailTo({}, ['--smtp-tls', 'required']);
    expect({ ...ledger, code }).toMatchObject({ state: 'deferred', attempts: 1, code: 75 });
    expect(sink.mails).toEqual([]);
    await sink.close();
  });

  it('whose TLS cannot be agreed upon gets the report nevertheless (RFC 8460 3)', async () => {
    const tooOld = { ...certificate, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    const { ledger, sink } = await mailTo({ tls: tooOld });
    expect(ledger).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(sink.mails).toMatchObject([{ secure: false }]);
    await sink.close();
  });

  it('that did not accept for a day', async () => {
    const { again } = await mailTo({ onRcptTo: () => smtpError(450, 'never') });
    const timesMs = [6, 12, 18, 24].map((hours) => START_MS + hours * 60 * MINUTE_MS);
    expect(await again(...timesMs)).toMatchObject({
      state: 'expired',
      attempts: 5,
      lastResult: some(/^450 .*never/),
      waitMs: undefined,
    });
  });

  it('that is suppressed', async () => {
    const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
    await run(['suppress', 'add', 'tls@good.example'], { stateDir: sending.store.path });
    const ended = await run(['send', '--contact', 'tlsrpt@sender.example'], {
      stateDir: sending.store.path,
      nowMs: START_MS,
    });
    expect(ended.code).toBe(0);
    expect(sending.deliveries()).toMatchObject([
      { state: 'suppressed', attempts: 0, lastResult: 'the address is suppressed' },
    ]);
  });
});
