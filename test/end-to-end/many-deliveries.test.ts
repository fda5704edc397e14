/**
 * Large runs of send: killed in their middle and begun again; and with a tenth of the receivers failing in every way. Nothing is lost.
 */
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportToSave } from '#store/outbox/outbox-entries.ts';
import { Store } from '#store/store.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import type { HttpsSink, HttpsSinkOptions } from '#test/support/https-sink.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions, StepAnswer, SunkMail } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import { startTripwire } from '#test/support/tripwire.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-01-02' as UtcDay;
const RUA = 'rua.good.example';
const PARALLEL = 8;
const LONG_MS = 300_000;

let caPem: string;
let certificate: { readonly cert: string; readonly key: string };

beforeAll(async () => {
  const authority = await makeTestCa();
  const { certPem: cert, keyPem: key } = await authority.issue({ names: [RUA] });
  caPem = authority.caPem;
  certificate = { cert, key };
});

interface Scene {
  readonly smtp: SmtpSink;
  readonly https: HttpsSink;
  /** What the receivers have, by report-id; a report that came twice is there twice. */
  readonly received: () => string[];
  readonly deliveries: () => readonly Delivery[];
  readonly words: string[];
  readonly stop: () => Promise<void>;
}

interface Wish {
  readonly reports: number;
  readonly destinationOf: (report: number) => string;
  readonly smtp?: SmtpSinkOptions;
  readonly respond?: HttpsSinkOptions['respond'];
}

/** An outbox with so many reports, and receivers for all of them. */
async function play({ reports, destinationOf, smtp: smtpOptions = {}, respond }: Wish): Promise<Scene> {
  const { path, outboxes } = await Store.open(join(scratchDirectory(), 'state'));
  const outbox = outboxes.open(DAY);
  outbox.save(Array.from({ length: reports }, (_, report) => queued(report, destinationOf(report))));
  outbox.checkpoint();
  outbox.close();
  const smtp = await startSmtpSink(smtpOptions);
  const https = await startHttpsSink({ ...certificate, ...(respond ? { respond } : {}) });
  const caFile = join(scratchDirectory(), 'ca.pem');
  writeFileSync(caFile, caPem);
  const mailIds = (): string[] => smtp.mails.map(idOfMail);
  const httpsIds = (): string[] => https.requests.map(({ body }) => idOf(gunzipSync(body).toString('utf8')));
  return {
    smtp,
    https,
    received: () => [...mailIds(), ...(respond ? [] : httpsIds())],
    deliveries: () => outboxes.read(DAY)?.deliveries ?? [],
    words: [
      ...['send', '--contact', 'tlsrpt@sender.example', '--state-dir', path, '--https-ca', caFile],
      ...['--https-connect-to', `${RUA}:443:127.0.0.1:${String(https.port)}`, '--parallel', String(PARALLEL)],
    ],
    stop: async () => {
      await Promise.all([smtp.close(), https.close()]);
    },
  };
}

function queued(report: number, destination: string): ReportToSave {
  return { outgoing: reportWithId(reportIdOf(report)), destinations: [destination], dueMs: 0 };
}

function reportIdOf(report: number): string {
  return `${DAY}.domain-${String(report)}.example.0123456789ab@sender.example`;
}

function idOf(document: string): string {
  return (JSON.parse(document) as { 'report-id': string })['report-id'];
}

/** Folded as composeReportMail does. */
function idOfMail({ raw }: SunkMail): string {
  return /\r\n Report-ID: <(.*)>\r\n/.exec(raw)?.[1] ?? '';
}

function smtpTo(port: number): string[] {
  return ['--smtp', `smtp://127.0.0.1:${String(port)}`];
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

describe('A run of 1,000 deliveries', () => {
  const REPORTS = 1_000;
  const wish: Wish = {
    reports: REPORTS,
    destinationOf: (report) =>
      report % 4 === 0 ? `https://${RUA}/${String(report % 7)}` : `mailto:tls@host-${String(report % 90)}.example`,
  };
  const expected = Array.from({ length: REPORTS }, (_, report) => reportIdOf(report)).sort();

  it.each([1, 2, 250, 617, 748])(
    'that is killed when receivers have taken %i mails brings each report, and only what was under way twice',
    async (mails) => {
      let kill = (): void => undefined;
      let taken = 0;
      const scene = await play({
        ...wish,
        smtp: {
          onData: () => {
            taken += 1;
            if (taken === mails) kill();
            return undefined;
          },
        },
      });
      const killed = startTlsrpt([...scene.words, ...smtpTo(scene.smtp.port)]);
      kill = () => {
        killed.kill('SIGKILL');
      };
      expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
      const noted = scene.deliveries().filter(({ state }) => state === 'delivered');
      const again = await runTlsrpt([...scene.words, ...smtpTo(scene.smtp.port), '--now']);
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      await scene.stop();
      const received = counted(scene.received());
      expect([...received.keys()].sort()).toEqual(expected);
      const twice = [...received].filter(([, times]) => times > 1);
      expect(twice.length).toBeLessThanOrEqual(PARALLEL);
      expect(twice.map(([, times]) => times)).toEqual(twice.map(() => 2));
      for (const { reportId } of noted) expect(received.get(reportId)).toBe(1);
      expect(scene.deliveries().map(({ state }) => state)).toEqual(expected.map(() => 'delivered'));
    },
    LONG_MS,
  );

  it(
    'that is killed again and again comes to its end',
    async () => {
      const scene = await play(wish);
      const wire = await startTripwire(scene.smtp.port, { from: 'server', text: /^250/, afterMail: true }, () => {
        kill();
      });
      let kill = (): void => undefined;
      for (let times = 0; times < 10; times += 1) {
        const run = startTlsrpt([...scene.words, ...smtpTo(wire.port), '--now']);
        kill = () => {
          run.kill('SIGKILL');
        };
        expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
      }
      await wire.close();
      const last = await runTlsrpt([...scene.words, ...smtpTo(scene.smtp.port), '--now']);
      expect(last).toMatchObject({ exitCode: 0, stderr: '' });
      await scene.stop();
      const received = counted(scene.received());
      expect([...received.keys()].sort()).toEqual(expected);
      expect(scene.received().length - REPORTS).toBeLessThanOrEqual(10 * PARALLEL);
    },
    LONG_MS,
  );
});

describe('10,000 deliveries to 2,000 destinations, of which a tenth fail', () => {
  const [REPORTS, DESTINATIONS] = [10_000, 2_000];

  type Fate = readonly [DeliveryState, RegExp];

  const mailFates: Readonly<Record<string, readonly [StepAnswer, ...Fate]>> = {
    later: [smtpError(450, 'later'), 'deferred', /^450 .*later/],
    never: [smtpError(550, '5.1.1 never'), 'refused', /^550 .*never/],
    lost: ['disconnect', 'deferred', /./],
    silent: ['silent', 'deferred', /in time/],
  };
  const webFates: Readonly<Record<string, readonly [(response: ServerResponse) => void, ...Fate]>> = {
    gone: [(response) => response.writeHead(404).end(), 'refused', /^HTTP 404/],
    busy: [(response) => response.writeHead(429, { 'Retry-After': '60' }).end(), 'deferred', /^HTTP 429/],
    broken: [(response) => response.writeHead(500).end(), 'deferred', /^HTTP 500/],
    cut: [(response) => response.destroy(), 'deferred', /./],
    mute: [() => undefined, 'deferred', /in time/],
    plain: [redirect('http://plain.example/'), 'refused', /not https/],
    inside: [redirect('https://127.0.0.1/'), 'refused', /another host/],
  };
  const failing = [...Object.keys(mailFates), ...Object.keys(webFates), 'private'];

  function redirect(location: string): (response: ServerResponse) => void {
    return (response) => response.writeHead(307, { Location: location }).end();
  }

  /** Every tenth destination has a fate; a fate stands in the address. */
  function destinationOf(report: number): string {
    const destination = report % DESTINATIONS;
    const fate = destination % 10 === 0 ? (failing[(destination / 10) % failing.length] ?? '') : 'fine';
    if (fate === 'private') return `https://10.0.0.${String(destination % 250)}/r`;
    const isWeb = fate in webFates || (fate === 'fine' && destination % 3 === 0);
    return isWeb
      ? `https://${RUA}/${fate}/${String(destination)}`
      : `mailto:${fate}@host-${String(destination)}.example`;
  }

  function fateOf(destination: string): Fate {
    const [, name = ''] = /(?:mailto:|good\.example\/)([a-z]+)/.exec(destination) ?? [];
    if (destination.startsWith('https://10.')) return ['refused', /^not contacted/];
    const [, ...fate] = mailFates[name] ?? webFates[name] ?? [undefined, 'delivered' as const, /^(250|HTTP 201)/];
    return fate;
  }

  let scene: Scene;
  afterAll(() => scene.stop());

  it(
    'end with every one accounted for',
    async () => {
      scene = await play({
        reports: REPORTS,
        destinationOf,
        smtp: { onRcptTo: (mailbox) => mailFates[mailbox.slice(0, mailbox.indexOf('@'))]?.[0] },
        respond: ({ url }, response) => {
          const answer = webFates[url.split('/')[1] ?? '']?.[0];
          if (answer) answer(response);
          else response.writeHead(201).end();
        },
      });
      const many = ['--parallel', '50', '--parallel-per-host', '50', '--timeout', '1s', '--log-level', 'error'];
      const words = scene.words.filter(
        (_, index, all) => all[index] !== '--parallel' && all[index - 1] !== '--parallel',
      );
      const ended = await runTlsrpt([...words, ...smtpTo(scene.smtp.port), ...many]);
      expect(ended).toEqual({ stdout: '', stderr: '', exitCode: 75, signal: null });

      const deliveries = scene.deliveries();
      expect(deliveries).toHaveLength(REPORTS);
      for (const { destination, state, lastResult, attempts, nextAttemptMs } of deliveries) {
        const [expectedState, words_] = fateOf(destination);
        expect([destination, state, attempts]).toEqual([destination, expectedState, 1]);
        expect(lastResult).toMatch(words_);
        expect(nextAttemptMs === undefined).toBe(state !== 'deferred');
      }
      const mailed = deliveries.filter(
        ({ destination, state }) => destination.startsWith('mailto:') && state === 'delivered',
      );
      expect(scene.smtp.mails.map(idOfMail).sort()).toEqual(mailed.map(({ reportId }) => reportId).sort());
      const posted = scene.https.requests.filter(({ url }) => url.startsWith('/fine/'));
      expect(mailed.length + posted.length).toBe((REPORTS * 9) / 10);
    },
    LONG_MS,
  );
});
