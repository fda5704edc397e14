/**
 * One collected day with a report for a mailbox and one for an HTTPS endpoint, to be delivered again and again to real servers.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { OutboxContent } from '#store/outbox/read-outbox.ts';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { linesOf, makeDatagram } from './datagrams.ts';
import { startHttpsSink } from './https-sink.ts';
import type { HttpsSink, HttpsSinkOptions } from './https-sink.ts';
import { readReportMail } from './read-report-mail.ts';
import { runTlsrpt } from './run-tlsrpt.ts';
import { startSmtpSink } from './smtp-sink.ts';
import type { SmtpSink } from './smtp-sink.ts';
import { makeTestCa } from './test-certificates.ts';
import type { TestCertificate } from './test-certificates.ts';

const DAY = '2026-01-02' as UtcDay;
const RUA_HOST = 'rua.crash.example';

interface Expected {
  readonly domain: string;
  readonly destination: string;
  readonly sessions: number;
}

/** In the order of the domains, as the outbox has them. */
const expected: readonly Expected[] = [
  { domain: 'mail.example', destination: 'mailto:tls@mail.example', sessions: 2 },
  { domain: 'web.example', destination: `https://${RUA_HOST}/v1`, sessions: 1 },
];

interface Prepared {
  readonly directory: string;
  readonly collected: string;
  readonly certificate: TestCertificate;
  readonly caFile: string;
}

export class DeliveryStage {
  readonly #prepared: Prepared;

  private constructor(prepared: Prepared) {
    this.#prepared = prepared;
  }

  /** `directory` is made. */
  static async make(directory: string): Promise<DeliveryStage> {
    mkdirSync(directory);
    const collected = join(directory, 'collected');
    const datagrams = expected.flatMap(({ domain, destination, sessions }) =>
      Array.from({ length: sessions }, () => makeDatagram({ domain, record: `v=TLSRPTv1;rua=${destination}` })),
    );
    await runTlsrpt(['collect', '--stdin', '--day', DAY, '--state-dir', collected], { stdin: linesOf(datagrams) });
    const authority = await makeTestCa();
    const caFile = join(directory, 'ca.pem');
    writeFileSync(caFile, authority.caPem);
    const certificate = await authority.issue({ names: [RUA_HOST] });
    return new DeliveryStage({ directory, collected, certificate, caFile });
  }

  /** On a copy of the day, with servers of its own. */
  async play(
    name: string,
    act: (scene: DeliveryScene) => Promise<void>,
    respond?: HttpsSinkOptions['respond'],
  ): Promise<void> {
    const { directory, collected, certificate, caFile } = this.#prepared;
    const { certPem: cert, keyPem: key } = certificate;
    const store = await Store.open(join(directory, name));
    cpSync(collected, store.path, { recursive: true });
    const [smtp, https] = await Promise.all([
      startSmtpSink(),
      startHttpsSink({ cert, key, ...(respond ? { respond } : {}) }),
    ]);
    try {
      await act(new DeliveryScene({ store, smtp, https, caFile }));
    } finally {
      await Promise.all([smtp.close(), https.close()]);
    }
  }
}

interface Props {
  readonly store: Store;
  readonly smtp: SmtpSink;
  readonly https: HttpsSink;
  readonly caFile: string;
}

export class DeliveryScene {
  readonly store: Store;
  readonly smtp: SmtpSink;
  readonly #props: Props;

  constructor(props: Props) {
    this.store = props.store;
    this.smtp = props.smtp;
    this.#props = props;
  }

  /** Builds the reports and delivers them, by default straight to the mail server. */
  reportWords(smtpPort = this.smtp.port): string[] {
    return ['report', '--day', DAY, '--deliver', ...this.#ways(smtpPort)];
  }

  /** Runs it again as an operator would, and checks what has come of it all. */
  async recoverAndCheck(): Promise<void> {
    const afterKill = this.#outbox();
    const isBuilt = afterKill.reports.length > 0;
    const again = await runTlsrpt(isBuilt ? ['send', '--now', ...this.#ways(this.smtp.port)] : this.reportWords());
    expect(again).toMatchObject({ exitCode: 0, stderr: '' });
    const { reports, deliveries } = this.#outbox();
    expect(reports.map(({ policyDomain }) => policyDomain)).toEqual(expected.map(({ domain }) => domain));
    expect(deliveries.map(({ destination, state }) => [destination, state])).toEqual(
      expected.map(({ destination }) => [destination, 'delivered']),
    );
    const noted = afterKill.deliveries.filter(({ state }) => state === 'delivered');
    await this.#checkReceipts(new Set(noted.map(({ destination }) => destination)));
  }

  /** At least once everywhere; a second time only what was under way when it was killed, and then the same under the same name. */
  async #checkReceipts(noted: ReadonlySet<string>): Promise<void> {
    const received = await this.#documents();
    for (const { destination, sessions } of expected) {
      const documents = received.get(destination) ?? [];
      expect(noted.has(destination) ? [1] : [1, 2]).toContain(documents.length);
      for (const document of documents) expect(document).toBe(documents[0]);
      expect(JSON.parse(documents[0] ?? '')).toMatchObject({
        'report-id': this.#outbox().deliveries.find((delivery) => delivery.destination === destination)?.reportId,
        policies: [{ summary: { 'total-successful-session-count': sessions } }],
      });
    }
  }

  /** By destination; each mail's and request's own JSON. */
  async #documents(): Promise<Map<string, string[]>> {
    const mails = await Promise.all(this.smtp.mails.map(({ raw }) => readReportMail(raw)));
    const [mailbox, endpoint] = expected;
    return new Map([
      [mailbox?.destination ?? '', mails.map(({ document }) => JSON.stringify(document))],
      [endpoint?.destination ?? '', this.#props.https.requests.map(({ body }) => gunzipSync(body).toString('utf8'))],
    ]);
  }

  #outbox(): OutboxContent {
    return this.store.outboxes.read(DAY) ?? { reports: [], deliveries: [], withheld: [] };
  }

  #ways(smtpPort: number): string[] {
    const { store, caFile, https } = this.#props;
    const route = `${RUA_HOST}:443:127.0.0.1:${String(https.port)}`;
    const receivers = [
      '--smtp',
      `smtp://127.0.0.1:${String(smtpPort)}`,
      '--https-ca',
      caFile,
      '--https-connect-to',
      route,
    ];
    return [...receivers, '--contact', 'a@mx.example', '--state-dir', store.path];
  }
}
