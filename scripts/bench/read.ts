/**
 * How long `read` takes for the reports of a large host's month, as files and as signed-looking mails in a Maildir, kept or only shown, and how much memory.
 *
 * Everything runs as it would in use: the built executable on a directory. The bare loop reads, unpacks and parses the same files and does
 * nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { inFolder, line, machine, print, thousands } from './measuring.ts';

const REPORTS = 10_000;
const [LEAST_BYTES, MOST_BYTES] = [300, 1_000_000] as const;
const PEAK_HOOK = 'test/support/print-peak.cjs';

interface Scenario {
  readonly name: string;
  readonly flags: readonly string[];
  readonly write: (folder: string, name: string, document: Buffer) => void;
}

const scenarios: readonly Scenario[] = [
  { name: 'files, gzip', flags: [], write: writeFile },
  { name: 'files, gzip, --json', flags: ['--json'], write: writeFile },
  { name: 'files, gzip, --store', flags: ['--store'], write: writeFile },
  { name: 'a Maildir', flags: [], write: writeMail },
  { name: 'a Maildir, --json', flags: ['--json'], write: writeMail },
  { name: 'a Maildir, --store', flags: ['--store'], write: writeMail },
];

export async function benchRead(filter: string): Promise<void> {
  print(`${machine()}\n`);
  print(line(['scenario', 'seconds', 'reports/s', 'MB/s unpacked', 'of the bare loop', 'peak memory']));
  print(line(['---', '---:', '---:', '---:', '---:', '---:']));
  for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) print(line(await measure(scenario)));
}

function measure({ name, flags, write }: Scenario): Promise<string[]> {
  return inFolder(async (folder) => {
    for (const below of ['bare', 'read', 'read/new', 'read/cur', 'read/tmp']) mkdirSync(join(folder, below));
    const place = write === writeMail ? join(folder, 'read/new') : join(folder, 'bare');
    let megabytes = 0;
    for (let number = 0; number < REPORTS; number += 1) {
      const document = documentOf(number);
      megabytes += document.length / 1e6;
      write(place, String(number), document);
      if (write === writeMail) writeFile(join(folder, 'bare'), String(number), document);
    }
    const bareSeconds = runBare(join(folder, 'bare'));
    const into = flags.includes('--store') ? ['--state-dir', join(folder, 'state')] : [];
    const { seconds, peak } = await runRead([...flags, ...into, write === writeMail ? join(folder, 'read') : place]);
    const figures = [thousands(REPORTS / seconds), thousands(megabytes / seconds), (bareSeconds / seconds).toFixed(2)];
    return [name, seconds.toFixed(1), ...figures, `${String(peak)} MB`];
  });
}

/** Sizes are spread evenly over their orders of magnitude. */
function documentOf(number: number): Buffer {
  const sizeBytes = LEAST_BYTES * (MOST_BYTES / LEAST_BYTES) ** ((number * 0.618_034) % 1);
  const failures: string[] = [];
  for (let length = 420; length < sizeBytes; length += failures.at(-1)?.length ?? 0)
    failures.push(failureOf(number, failures.length));
  return Buffer.from(`{"organization-name":"Reporter ${String(number % 50)}","date-range":{"start-datetime":"2026-01-31T00:00:00Z",\
"end-datetime":"2026-01-31T23:59:59Z"},"contact-info":"tls@reporter.example","report-id":"${String(number)}","policies":[{"policy":\
{"policy-type":"sts","policy-string":["version: STSv1"],"policy-domain":"a.example"},"summary":{"total-successful-session-count":7,\
"total-failure-session-count":${String(failures.length)}},"failure-details":[${failures.join()}]}]}`);
}

function failureOf(report: number, failure: number): string {
  const octets = [report % 250, (failure >> 8) % 250, failure % 250].join('.');
  return `{"result-type":"certificate-expired","sending-mta-ip":"198.${octets}","receiving-mx-hostname":"mx${String(failure % 7)}.a.example",\
"receiving-ip":"2001:db8::${failure.toString(16)}","failed-session-count":1,"failure-reason-code":"X509_V_ERR_CERT_HAS_EXPIRED"}`;
}

function writeFile(folder: string, name: string, document: Buffer): void {
  writeFileSync(join(folder, `${name}.json.gz`), gzipSync(document, { level: 1 }));
}

function writeMail(folder: string, name: string, document: Buffer): void {
  const content = gzipSync(document, { level: 1 }).toString('base64').replace(/.{76}/g, '$&\r\n');
  writeFileSync(
    join(folder, name),
    `From: tls@reporter.example\r\nSubject: Report Domain: a.example Submitter: reporter.example Report-ID: <${name}>\r\n\
TLS-Report-Domain: a.example\r\nTLS-Report-Submitter: reporter.example\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/report; report-type="tlsrpt"; boundary="b"\r\n\r\n--b\r\n\r\nThis is a report.\r\n--b\r\n\
Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}\r\n--b--\r\n`,
  );
}

function runBare(folder: string): number {
  const startedMs = performance.now();
  for (const name of readdirSync(folder)) JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString());
  return (performance.now() - startedMs) / 1_000;
}

async function runRead(words: readonly string[]): Promise<{ seconds: number; peak: number }> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['--require', `./${PEAK_HOOK}`, 'dist/tlsrpt', 'read', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const [, peak] = /^peak (\d+) MB$/m.exec(said) ?? [];
  if (code !== 0 || peak === undefined) throw new Error(`read ended with ${String(code)}: ${said}`);
  return { seconds: (performance.now() - startedMs) / 1_000, peak: Number(peak) };
}
