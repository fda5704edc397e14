/**
 * From datagrams to mails, with the executable, a name server and receivers: who is told what about DANE hosts that several domains share.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import type { PolicyDocument, ReportDocument } from '#tlsrpt/report-json.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { startDnsServer } from '#test/support/dns-server.ts';
import type { DnsServer, Zone } from '#test/support/dns-server.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import type { HttpsSink } from '#test/support/https-sink.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import type { TestCa } from '#test/support/test-certificates.ts';

const DAY = parseUtcDay('2026-01-02') as UtcDay;
const HEARTS = 'xn--74h.example';
const HOST = `mailhost.${HEARTS}`;
const SHARED = 'sharedsender.example';
const HEARTS_RECORD = `v=TLSRPTv1; rua=mailto:tls-reports@${HEARTS},https://ignored.example/`;
const HOST_RECORD = `v=TLSRPTv1; rua=mailto:tls-reports1@${HOST},mailto:tls-reports2@${HOST}; rua=mailto:tls-reports3@${HOST}`;
const HOST_ADDRESSES = [1, 2, 3].map((number) => `tls-reports${String(number)}@${HOST}`);
const TLSA = '3 1 1 8d02536c887482bc34ff54e41d2ba659bf85b341a0a20afadb5813dcfbcf286d';

const sts = { 'policy-type': 2, 'policy-domain': HEARTS, 'policy-string': ['version: STSv1', 'mode: enforce'] };
const tlsa = { 'policy-type': 1, 'policy-domain': HOST, 'policy-string': [TLSA] };
const peer = { s: '1.2.3.4', n: HOST, r: '4.3.2.1' };
const expired = { c: 204, ...peer };
const invalid = { c: 205, ...peer, f: 'dns-extended-error-7-signature-expired' };

interface Sessions {
  readonly domain: string;
  readonly record?: string;
  readonly policy: object;
  readonly successes: number;
  readonly failures: number;
  readonly failure: object;
}

const hearts = { domain: HEARTS, record: HEARTS_RECORD };
const toHearts: readonly Sessions[] = [
  { ...hearts, policy: sts, successes: 10, failures: 3, failure: expired },
  { ...hearts, policy: tlsa, successes: 10, failures: 1, failure: invalid },
];
const toShared: Sessions = { domain: SHARED, policy: tlsa, successes: 10, failures: 1, failure: invalid };

function linesOf({ domain, record, policy, successes, failures, failure }: Sessions): string {
  const line = (outcome: object): string =>
    `${JSON.stringify({ dpv: '1', d: domain, pr: record, policies: [{ ...policy, ...outcome }] })}\n`;
  return line({ f: 0 }).repeat(successes) + line({ f: 1, 'failure-details': [failure], t: 1 }).repeat(failures);
}

let authority: TestCa;

beforeAll(async () => {
  authority = await makeTestCa();
});

/** A day that was collected, and the world that its reports go to. */
class Scene {
  readonly store: Store;
  readonly smtp: SmtpSink;
  readonly https: HttpsSink;
  readonly dns: DnsServer;
  readonly #caFile: string;

  private constructor(parts: Pick<Scene, 'store' | 'smtp' | 'https' | 'dns'>) {
    this.store = parts.store;
    this.smtp = parts.smtp;
    this.https = parts.https;
    this.dns = parts.dns;
    this.#caFile = join(scratchDirectory(), 'ca.pem');
    writeFileSync(this.#caFile, authority.caPem);
  }

  static async of(
    sessions: readonly Sessions[],
    zone: Zone = { [`_smtp._tls.${HOST}`]: [HOST_RECORD] },
  ): Promise<Scene> {
    const { certPem: cert, keyPem: key } = await authority.issue({ names: ['ignored.example'] });
    const scene = new Scene({
      store: await Store.open(join(scratchDirectory(), 'state')),
      smtp: await startSmtpSink(),
      https: await startHttpsSink({ cert, key }),
      dns: await startDnsServer(zone),
    });
    onTestFinished(async () => {
      await Promise.all([scene.smtp.close(), scene.https.close(), scene.dns.close()]);
    });
    await scene.collect(sessions);
    return scene;
  }

  async collect(sessions: readonly Sessions[]): Promise<void> {
    const collected = await this.run(['collect', '--stdin', '--day', DAY], sessions.map(linesOf).join(''));
    expect(collected.exitCode).toBe(0);
  }

  run(words: readonly string[], stdin = ''): Promise<EndedRun> {
    return runTlsrpt([...words, '--state-dir', this.store.path], { stdin });
  }

  report(...words: readonly string[]): Promise<EndedRun> {
    const receivers = [
      ...['--smtp', `smtp://127.0.0.1:${String(this.smtp.port)}`, '--https-ca', this.#caFile],
      ...['--https-connect-to', `ignored.example:443:127.0.0.1:${String(this.https.port)}`],
    ];
    const common = ['--day', DAY, '--contact', 'tlsrpt@sender.example', '--dns-server', this.dns.server];
    return this.run(['report', '--deliver', ...common, '--allow-private-destinations', ...receivers, ...words]);
  }

  /** The recipient and the policies of each mail, in alphabetical order. */
  async mailed(): Promise<(readonly [to: string, policies: readonly PolicyDocument[]])[]> {
    const read = await Promise.all(
      this.smtp.mails.map(async ({ to, raw }) => {
        const { policies } = (await readReportMail(raw)).document as ReportDocument;
        return [asTyped(to.join()), policies] as const;
      }),
    );
    return inOrder(read);
  }

  async recipients(): Promise<string[]> {
    return (await this.mailed()).map(([to]) => to);
  }

  reportIds(): Promise<string[]> {
    return this.store.outboxes.withReports(DAY, (reports) => [...reports].map(({ outgoing }) => outgoing.reportId));
  }
}

function inOrder<T>(values: readonly T[]): T[] {
  return [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The sink shows A-labels as people read them. */
function asTyped(address: string): string {
  return address.replace(/[^@]*$/, domainToASCII);
}

function details(resultType: string, sessions: number, reason?: string): object {
  return {
    'result-type': resultType,
    'sending-mta-ip': '1.2.3.4',
    'receiving-mx-hostname': HOST,
    'receiving-ip': '4.3.2.1',
    'failed-session-count': sessions,
    ...(reason === undefined ? {} : { 'failure-reason-code': reason }),
  };
}

function entry(policy: object, successes: number, failures: number, failure: object): object {
  return {
    policy,
    summary: { 'total-successful-session-count': successes, 'total-failure-session-count': failures },
    'failure-details': [failure],
  };
}

const stsEntry = entry(
  { 'policy-type': 'sts', 'policy-string': ['version: STSv1', 'mode: enforce'], 'policy-domain': HEARTS },
  10,
  3,
  details('certificate-expired', 3),
);
const invalidOnce = details('validation-failure', 1, 'dns-extended-error-7-signature-expired');
const tlsaPolicy = { 'policy-type': 'tlsa', 'policy-string': [TLSA] };
const tlsaEntry = entry({ ...tlsaPolicy, 'policy-domain': HOST }, 10, 1, invalidOnce);

function hostEntry(domain: string): object {
  return entry({ ...tlsaPolicy, 'policy-domain': domain, 'mx-host': [HOST] }, 10, 1, invalidOnce);
}

describe('report --deliver', () => {
  it('tells the recipient domain everything, and each address of the host what happened at the host', async () => {
    const scene = await Scene.of([...toHearts, toShared]);
    expect(await scene.report()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await scene.mailed()).toEqual([
      ...HOST_ADDRESSES.map((address) => [address, [hostEntry(SHARED), hostEntry(HEARTS)]]),
      [`tls-reports@${HEARTS}`, [stsEntry, tlsaEntry]],
    ]);
    expect(scene.https.requests.map(({ body }) => JSON.parse(gunzipSync(body).toString()) as unknown)).toMatchObject([
      { policies: [stsEntry, tlsaEntry] },
    ]);
    expect([...scene.dns.questions].sort()).toEqual([`_smtp._tls.${HOST}`, `_smtp._tls.${SHARED}`]);
  });

  it('sends nothing the second time', async () => {
    const scene = await Scene.of([...toHearts, toShared]);
    await scene.report();
    expect(await scene.report()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(scene.smtp.mails).toHaveLength(4);
    expect(scene.https.requests).toHaveLength(1);
  });

  it('tells the host alone what others see, when the recipient domain has the very same addresses', async () => {
    const same: Sessions[] = toHearts.map((sessions) => ({ ...sessions, record: HOST_RECORD.replaceAll('; ', ';') }));
    const scene = await Scene.of([...same, toShared]);
    await scene.report();
    expect(await scene.mailed()).toEqual(
      inOrder(
        HOST_ADDRESSES.flatMap((address) => [
          [address, [stsEntry, tlsaEntry]],
          [address, [hostEntry(SHARED)]],
        ]),
      ),
    );
    const without = await Scene.of(same);
    await without.report();
    expect(await without.recipients()).toEqual(HOST_ADDRESSES);
  });

  it('tells the host nothing where its record is not asked for, or says nothing', async () => {
    const off = await Scene.of([...toHearts, toShared]);
    await off.report('--no-mx-hosts');
    expect(await off.recipients()).toEqual([`tls-reports@${HEARTS}`]);
    const twice = await Scene.of([...toHearts, toShared], { [`_smtp._tls.${HOST}`]: [HOST_RECORD, HOST_RECORD] });
    await twice.report();
    expect(await twice.recipients()).toEqual([`tls-reports@${HEARTS}`]);
  });

  it('keeps to a suppression until its time is over', async () => {
    const scene = await Scene.of([...toHearts, toShared]);
    await scene.run(['suppress', 'add', `tls-reports1@${HOST}`]);
    await scene.run(['suppress', 'add', `tls-reports2@${HOST}`, '--until', '2026-01-01']);
    expect(await scene.report()).toMatchObject({ exitCode: 0 });
    expect(await scene.recipients()).toEqual([...HOST_ADDRESSES.slice(1), `tls-reports@${HEARTS}`]);
  });

  it('sends reports in which nothing failed, or skips them', async () => {
    const good = [...toHearts, toShared].map((sessions) => ({ ...sessions, failures: 0 }));
    const [sending, skipping] = [await Scene.of(good), await Scene.of(good)];
    await sending.report('--success-only', 'send');
    expect(await sending.recipients()).toEqual([...HOST_ADDRESSES, `tls-reports@${HEARTS}`]);
    expect(await skipping.report('--success-only', 'skip')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await skipping.recipients()).toEqual([]);
  });

  it("looks the domain's own record up where the mail server passed none on", async () => {
    const record = `v=TLSRPTv1;rua=mailto:tls@${SHARED}`;
    const zone = { [`_smtp._tls.${SHARED}`]: [['v=TLSRPTv1;rua=mail', `to:tls@${SHARED}`]] };
    const [lookingUp, passedOn] = [await Scene.of([toShared], zone), await Scene.of([{ ...toShared, record }], {})];
    await lookingUp.report();
    await passedOn.report();
    expect(await lookingUp.mailed()).toEqual([[`tls@${SHARED}`, [tlsaEntry]]]);
    expect(await passedOn.mailed()).toEqual(await lookingUp.mailed());
    expect(passedOn.dns.questions).toEqual([`_smtp._tls.${HOST}`]);
  });

  it('asks no name server when it knows everything', async () => {
    const scene = await Scene.of(toHearts.slice(0, 1));
    await scene.report();
    expect(scene.dns.questions).toEqual([]);
    expect(scene.smtp.mails).toHaveLength(1);
  });

  it('asks again in a later run what nobody knew', async () => {
    const zone = { [`_smtp._tls.${SHARED}`]: 'server-failure' } as const;
    const scene = await Scene.of([toShared], zone);
    expect(await scene.report()).toMatchObject({ exitCode: 75, stderr: '' });
    expect(scene.smtp.mails).toEqual([]);
    const status = await scene.run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      days: [{ withheld: [{ policyDomain: SHARED, why: 'record-unknown' }] }],
    });
    const knowing = await startDnsServer({ [`_smtp._tls.${SHARED}`]: [`v=TLSRPTv1;rua=mailto:tls@${SHARED}`] });
    expect(await scene.report('--dns-server', knowing.server)).toMatchObject({ exitCode: 0 });
    await knowing.close();
    expect(await scene.recipients()).toEqual([`tls@${SHARED}`]);
  });
});

describe('Sessions that turn up after a report was transmitted', () => {
  it('are told in a supplement, under a name of its own, and once', async () => {
    const scene = await Scene.of([...toHearts, toShared]);
    await scene.report();
    const before = await scene.reportIds();
    await scene.collect([{ ...toShared, successes: 2, failures: 1 }]);
    await scene.report();
    await scene.report();
    const added = (await scene.reportIds()).filter((id) => !before.includes(id));
    expect(await scene.reportIds()).toHaveLength(before.length + 1);
    expect(added[0]).toMatch(new RegExp(`^${DAY}\\.${HOST}\\.`));
    const supplement = entry({ ...tlsaPolicy, 'policy-domain': SHARED, 'mx-host': [HOST] }, 2, 1, invalidOnce);
    const mailed = await scene.mailed();
    expect(mailed).toHaveLength(7);
    expect(mailed.filter(([, policies]) => policies.length === 1)).toEqual(
      [`tls-reports1@${HOST}`, `tls-reports2@${HOST}`, `tls-reports3@${HOST}`].map((address) => [
        address,
        [supplement],
      ]),
    );
  });
});
