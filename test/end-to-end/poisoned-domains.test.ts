/**
 * A day of 1,000 domains, among them one of each kind that could keep the others' reports from leaving: whatever is wrong with one stays with it.
 *
 * Names, time and identity are fixed, since two domains are chosen so that the first 48 bits of their unique ids are the same. All receivers
 * are servers of this machine; those that never answer are waited for at the same time, and nothing that answers can be late for it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uniqueIdOf } from '#pipeline/report/unique-id.ts';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Store } from '#store/store.ts';
import { systemDisk } from '#support/disk.ts';
import { lockFile } from '#support/file-lock.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { startDnsServer } from '#test/support/dns-server.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { StepAnswer, SunkMail } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-01-02' as UtcDay;
const LOCKED_DAY = '2026-01-01' as UtcDay;
const DAMAGED_DAY = '2025-12-31' as UtcDay;
const IDENTITY = '5bb31a6e-6dba-4a3f-9d5e-4f5b1d7a1e11';
const DOMAINS = 1_000;
const LONG_MS = 300_000;
/** How long receivers are waited for: long for those that answer, also where the machine is busy. */
const TIMEOUT = '8s';
const MOST_MAIL_BYTES = 200_000;

const WEB = 'rua.good.example';
const COLLIDING = ['c2845703.example', 'c6471104.example'] as const;
const COLLIDING_ADDRESS = 'mailto:tls@colliding.example';
/** Of which sessions come after its first report. */
const UNBUILDABLE = 'unbuildable.example';

/** A poisonous domain, and what becomes of its report. */
interface Poison {
  /** Where its report should go; undefined: no record came with its sessions, and no name server answers for it. */
  readonly to?: string;
  readonly state?: 'deferred' | 'refused';
  /** What the ledger says of it. */
  readonly reason?: RegExp;
  /** How the relay answers RCPT TO. */
  readonly answer?: StepAnswer;
}

const silentEndpoint: Poison = { to: 'https://silent.example/r', state: 'deferred', reason: /in time/ };

const poisons: Readonly<Record<string, Poison>> = {
  'silent-1.example': silentEndpoint,
  'silent-2.example': silentEndpoint,
  'silent-3.example': silentEndpoint,
  'black-hole.example': { state: 'deferred', reason: /in time/, answer: 'silent', to: 'mailto:tls@black-hole.example' },
  'cut.example': {
    state: 'deferred',
    reason: /ended each connection|closed/,
    answer: 'disconnect',
    to: 'mailto:tls@cut.example',
  },
  'greylisted.example': {
    to: 'mailto:tls@greylisted.example',
    state: 'deferred',
    reason: /^450 4\.2\.0 later/,
    answer: smtpError(450, '4.2.0 later'),
  },
  'denied.example': {
    to: 'mailto:tls@denied.example',
    state: 'deferred',
    reason: /^550 5\.7\.1 relaying denied/,
    answer: smtpError(550, '5.7.1 relaying denied'),
  },
  'unknown-user.example': {
    to: 'mailto:tls@unknown-user.example',
    state: 'refused',
    reason: /^550 5\.1\.1 no such user/,
    answer: smtpError(550, '5.1.1 no such user'),
  },
  'too-large.example': { to: 'mailto:tls@too-large.example', state: 'deferred', reason: /size|large/i },
  'no-name-server.example': { to: 'https://no-name-server.example/r', state: 'deferred', reason: /TIMEOUT|in time/ },
  'down.example': { to: 'https://down.example/r', state: 'deferred', reason: /ECONNREFUSED/ },
  'gone.example': { to: `https://${WEB}/gone`, state: 'refused', reason: /^HTTP 404/ },
  'broken.example': { to: `https://${WEB}/broken`, state: 'deferred', reason: /^HTTP 500/ },
  'inside.example': { to: 'https://10.1.2.3/r', state: 'refused', reason: /^not contacted: 10\.1\.2\.3 \(private\)/ },
  'dead.example': {},
  [UNBUILDABLE]: { to: `mailto:tls@${UNBUILDABLE}` },
};

const WITHHELD = { 'dead.example': 'record-unknown', [UNBUILDABLE]: 'not-built' } as const;

/** Every third asks for its report over HTTPS. */
function addressOf(domain: string, index: number): string {
  if (COLLIDING.includes(domain as never)) return COLLIDING_ADDRESS;
  return index % 3 === 0 ? `https://${WEB}/of/${domain}` : `mailto:tls@${domain}`;
}

/** The poisonous ones stand among the others in the order of names too. */
const healthy = [
  ...COLLIDING,
  ...Array.from({ length: DOMAINS - Object.keys(poisons).length - COLLIDING.length }, (_, index) => {
    const letter = String.fromCharCode('a'.charCodeAt(0) + (index % 26));
    return `${letter}${String(index)}.good.example`;
  }),
];

function sessions(): Buffer[] {
  const sound = healthy.map((domain, index) => sessionWith(domain, addressOf(domain, index)));
  const poisonous = Object.entries(poisons).map(([domain, { to }]) => sessionWith(domain, to));
  return [...sound, ...poisonous, ...largeSessions('too-large.example')];
}

function sessionWith(domain: string, to: string | undefined): Buffer {
  if (to !== undefined) return makeDatagram({ domain, record: `v=TLSRPTv1;rua=${to}` });
  const session = JSON.parse(makeDatagram({ domain }).toString()) as Record<string, unknown>;
  return Buffer.from(JSON.stringify({ ...session, pr: undefined }));
}

/** Failures of which no two are alike, in words that nothing makes shorter. */
function largeSessions(domain: string): Buffer[] {
  const random = new SeededRandom(1);
  const words = (): string => Array.from({ length: 900 }, () => random.below(36).toString(36)).join('');
  return Array.from({ length: 40 }, () => {
    const details = Array.from({ length: 20 }, () => ({ c: 201, a: words() }));
    const policy = { 'policy-type': 9, 'policy-domain': domain, 'failure-details': details, f: 1 };
    return Buffer.from(
      JSON.stringify({ dpv: '1', d: domain, pr: `v=TLSRPTv1;rua=mailto:tls@${domain}`, policies: [policy] }),
    );
  });
}

interface ShownDelivery {
  readonly policyDomain: string;
  readonly reportId: string;
  readonly state: string;
  readonly lastResult: string | null;
}

interface ShownStatus {
  readonly runs: Readonly<
    Record<'report' | 'send', { readonly exitCode: number; readonly reasons: readonly string[] }>
  >;
  readonly days: readonly {
    readonly day: string;
    readonly deliveries: readonly ShownDelivery[];
    readonly withheld: readonly { readonly policyDomain: string; readonly why: string; readonly detail?: string }[];
    readonly problems?: readonly { readonly code: string; readonly message: string }[];
  }[];
}

interface Played {
  readonly reported: EndedRun;
  readonly sent: EndedRun;
  readonly shown: EndedRun;
  readonly status: ShownStatus;
  /** Report-ids. */
  readonly received: readonly string[];
}

/** Collects the day, spoils what can be spoilt, and reports, sends and looks at the status once. */
async function play(root: string, ends: (() => unknown)[]): Promise<Played> {
  const path = join(root, 'state');
  mkdirSync(path);
  writeFileSync(join(path, 'identity'), `${IDENTITY}\n`);
  const tlsrpt = (words: readonly string[], stdin = ''): Promise<EndedRun> =>
    runTlsrpt([...words, '--state-dir', path], { stdin });
  const { sending, received, words } = await startReceivers(root, ends);
  const collect = ['collect', '--stdin', '--day', DAY];
  await tlsrpt(collect, linesOf([sessionWith(UNBUILDABLE, poisons[UNBUILDABLE]?.to)]));
  await tlsrpt(['report', '--deliver', '--day', DAY, ...sending]);
  await spoilWhatWasReported(path);
  await tlsrpt(collect, linesOf(sessions()));
  ends.push(spoilOtherDays(await Store.open(path)));
  const reported = await tlsrpt(['report', '--day', DAY, ...words]);
  const sent = await tlsrpt(['send', ...sending]);
  const shown = await tlsrpt(['status', '--json']);
  return { reported, sent, shown, status: JSON.parse(shown.stdout) as ShownStatus, received: received() };
}

describe('1,000 domains with one of each poisonous kind among them', () => {
  const root = mkdtempSync(join(tmpdir(), 'tlsrpt-test-'));
  const ends: (() => unknown)[] = [];
  let played: Played;

  beforeAll(async () => {
    played = await play(root, ends);
  }, LONG_MS);

  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    rmSync(root, { recursive: true });
  });

  function deliveries(isDelivered: boolean): readonly ShownDelivery[] {
    const ofDay = played.status.days.find(({ day }) => day === DAY)?.deliveries ?? [];
    return ofDay.filter(({ state }) => (state === 'delivered') === isDelivered);
  }

  it('cost nobody else a report, which arrives once', () => {
    const delivered = deliveries(true);
    expect(domainsOf(delivered)).toEqual([...healthy, UNBUILDABLE].sort());
    expect([...played.received].sort()).toEqual(delivered.map(({ reportId }) => reportId).sort());
  });

  it('are those whose reports do not arrive, each with its reason', () => {
    const waiting = deliveries(false);
    expect(domainsOf(waiting)).toEqual(
      Object.keys(poisons)
        .filter((domain) => !(domain in WITHHELD))
        .sort(),
    );
    for (const { policyDomain, state, lastResult } of waiting) {
      expect([policyDomain, state]).toEqual([policyDomain, poisons[policyDomain]?.state]);
      expect(lastResult).toMatch(poisons[policyDomain]?.reason ?? /^$/);
    }
  });

  it('are those on which reports are withheld, each with its reason', () => {
    const withheld = played.status.days.flatMap((day) => day.withheld);
    expect(Object.fromEntries(withheld.map(({ policyDomain, why }) => [policyDomain, why]))).toEqual(WITHHELD);
    expect(withheld.find(({ policyDomain }) => policyDomain === UNBUILDABLE)?.detail).toMatch(/is damaged/);
  });

  it('decide the exit codes, with the days that cannot be worked with', () => {
    const { reported, sent, shown, status } = played;
    expect(status.runs).toMatchObject({
      report: { exitCode: 65, reasons: ['store-damaged', 'records-unknown'] },
      send: { exitCode: 65, reasons: ['store-damaged', 'store-locked', 'deliveries-waiting'] },
    });
    expect([reported.exitCode, sent.exitCode, shown.exitCode]).toEqual([65, 65, 65]);
    expect(reported.stderr.match(/The report \S+ in the outbox is damaged/g)).toEqual([
      expect.stringContaining(UNBUILDABLE) as string,
    ]);
    expect(sent.stderr).toMatch(/mail-server-refuses: .* 2 mails /);
    expect(status.days.map(({ day, problems = [] }) => [day, problems.map(({ code }) => code)])).toEqual([
      [DAMAGED_DAY, ['store-damaged']],
      [LOCKED_DAY, []],
      [DAY, []],
    ]);
  });

  it('have two among them whose unique ids begin with the same 48 bits', () => {
    const reading = readDestination(COLLIDING_ADDRESS);
    const destinations = reading.kind === 'address' ? [reading.address] : [];
    const ids = COLLIDING.map((domain) => uniqueIdOf(domain, destinations, { day: DAY, identity: IDENTITY }));
    expect(new Set(ids.map((id) => id.slice(0, 12))).size).toBe(1);
    expect(new Set(ids).size).toBe(2);
    const reports = deliveries(true).filter(({ policyDomain }) => COLLIDING.includes(policyDomain as never));
    expect(reports.map(({ reportId }) => ids.findIndex((id) => reportId.includes(id))).sort()).toEqual([0, 1]);
  });
});

function domainsOf(deliveries: readonly ShownDelivery[]): string[] {
  return deliveries.map(({ policyDomain }) => policyDomain).sort();
}

/** A first report on the day was delivered, and what the outbox has of it is damaged since. */
async function spoilWhatWasReported(path: string): Promise<void> {
  const context = { sqlite: await loadSqlite(), disk: systemDisk };
  changeInPlace(context, join(path, 'outbox', `${DAY}.sqlite`), (database) => {
    database.execute('UPDATE reports SET content = substr(content, 3)');
  });
}

interface Receivers {
  /** The report-ids that were taken, each as often as it was. */
  readonly received: () => string[];
  /** For report. */
  readonly words: readonly string[];
  /** For what sends. */
  readonly sending: readonly string[];
}

async function startReceivers(root: string, ends: (() => unknown)[]): Promise<Receivers> {
  const authority = await makeTestCa();
  const { certPem: cert, keyPem: key } = await authority.issue({ names: [WEB] });
  const caFile = join(root, 'ca.pem');
  writeFileSync(caFile, authority.caPem);
  const smtp = await startSmtpSink({
    maxSizeBytes: MOST_MAIL_BYTES,
    onRcptTo: (mailbox) => poisons[mailbox.slice(mailbox.indexOf('@') + 1)]?.answer,
  });
  const https = await startHttpsSink({
    cert,
    key,
    respond: ({ url }, response) => response.writeHead(url === '/gone' ? 404 : url === '/broken' ? 500 : 201).end(),
  });
  const silent = await startSilentServer();
  const names = await startDnsServer({ '_smtp._tls.dead.example': 'silence', 'no-name-server.example': 'silence' });
  ends.push(...[smtp, https, silent, names].map((server) => () => server.close()));
  const words = ['--contact', 'tlsrpt@sender.example', '--dns-server', names.server];
  const routes = { [WEB]: https.port, 'silent.example': silent.port, 'down.example': 1 };
  return {
    received: () => [
      ...smtp.mails.map(idOfMail),
      ...https.requests
        .filter(({ url }) => url.startsWith('/of/'))
        .map(({ body }) => (JSON.parse(gunzipSync(body).toString()) as { 'report-id': string })['report-id']),
    ],
    words,
    sending: [
      ...words,
      ...['--smtp', `smtp://127.0.0.1:${String(smtp.port)}`, '--https-ca', caFile, '--timeout', TIMEOUT],
      ...['--parallel', '20', '--parallel-per-host', '5', '--log-level', 'warning'],
      ...Object.entries(routes).flatMap(([host, port]) => [
        '--https-connect-to',
        `${host}:443:127.0.0.1:${String(port)}`,
      ]),
    ],
  };
}

/** Folded as composeReportMail does. */
function idOfMail({ raw }: SunkMail): string {
  return /\r\n Report-ID: <(.*)>\r\n/.exec(raw)?.[1] ?? '';
}

/** Each with a report that is due, one locked by another process and one damaged. Returns what releases the lock. */
function spoilOtherDays(store: Store): () => void {
  for (const day of [LOCKED_DAY, DAMAGED_DAY]) {
    const outbox = store.outboxes.open(day);
    outbox.save([
      { outgoing: reportWithId(`${day}@sender.example`), destinations: ['mailto:tls@good.example'], dueMs: 0 },
    ]);
    outbox.close();
  }
  writeFileSync(join(store.path, 'outbox', `${DAMAGED_DAY}.sqlite`), 'no database');
  const locked = lockFile(join(store.path, 'outbox', `${LOCKED_DAY}.lock`));
  if (locked.kind !== 'locked') throw new Error('it is locked by somebody else');
  return () => {
    locked.lock.release();
  };
}
