/**
 * Reports as real senders write them, whole and as they may be changed on their way: read with the right numbers, or refused with a reason.
 *
 * Where the samples are not there, shapes of the same kind are taken that the project has itself.
 */
import fc from 'fast-check';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { readSource } from '#pipeline/read/read-source.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';
import { bytesOf, documentWith, draftDocument, microsoftTlsa, soundDocument } from '#test/support/inbound-documents.ts';
import { forwarded, mbox, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';
import { sampleReport, sampleReports } from '#test/support/sample-reports.ts';

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function read(bytes: Buffer): Promise<InboundReading[]> {
  const source = { name: 'a', isNamed: true, bytes: () => once(bytes) };
  const reader = { opener: openerHere, verifying: unaskedSender, requiresSender: false };
  const readings: InboundReading[] = [];
  await readSource(source, reader, (reading) => {
    readings.push(reading);
    return Promise.resolve();
  });
  return readings;
}

const policiesOf = (reading: InboundReading): string => {
  if (reading.kind !== 'report') return reading.kind === 'unreadable' ? reading.code : reading.kind;
  const texts = reading.report.policies.map(({ type, successful, failed, failures }) =>
    [type, successful, failed, ...failures.map(({ resultType, sessions }) => `${resultType}:${String(sessions)}`)].join(
      ' ',
    ),
  );
  return texts.join(', ');
};

const present = Object.keys(sampleReports).filter((name) => sampleReport(name) !== undefined);
const samples = present.map((name) => sampleReport(name) ?? Buffer.alloc(0));
const ours = [
  bytesOf(soundDocument()),
  bytesOf(documentWith({}, { policies: [microsoftTlsa] })),
  bytesOf(draftDocument),
  gzipSync(bytesOf(soundDocument())),
  reportMail(),
  forwarded(reportMail()),
];

describe('the report of a real sender', () => {
  it.each(present)('says what it says: %s', async (name) => {
    const [reading, ...others] = await read(sampleReport(name) ?? Buffer.alloc(0));
    const expected = sampleReports[name];
    expect(others).toEqual([]);
    const policies = reading && policiesOf(reading);
    if (typeof expected === 'string') expect(policies).toBe(expected);
    else {
      expect(policies).toBe(expected?.policies);
      const remarks = reading?.kind === 'report' ? reading.report.remarks.map(({ code }) => code) : [];
      expect(remarks.join(' ')).toBe(expected?.remarks ?? '');
    }
  });

  it('gives its own numbers or a reason, whatever becomes of its bytes and its wrapping', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples, ...ours),
        wrapping,
        changing,
        async (bytes, wrap, { change, mayAlter }) => {
          const known = await read(bytes);
          const readings = await read(change(wrap(bytes)));
          const texts = new Set(known.map(policiesOf));
          for (const reading of readings) {
            if (reading.kind === 'report' && !mayAlter) expect([...texts]).toContain(policiesOf(reading));
            if (reading.kind === 'unreadable') expect(Object.keys(unreadableMeanings)).toContain(reading.code);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is never read with numbers that nobody wrote, whatever members are dropped or of another type', async () => {
    const documents = [...samples, ...ours].flatMap(jsonIn);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...documents), mutations, async (document, changes) => {
        const mutated = changes.reduce((json, [at, value]) => changedAt(json, at, value), document);
        const numbers = new Set(['0', ...(mutated.match(/\d+/g) ?? [])]);
        const forms = [Buffer.from(mutated), gzipSync(mutated), Buffer.from(`\ufeff${mutated}`, 'utf16le')];
        const readings = (await Promise.all(forms.map(read))).flat();
        for (const count of readings.flatMap(countsOf)) expect(numbers).toContain(String(count));
      }),
      { numRuns: 150 },
    );
  });
});

function countsOf(reading: InboundReading): number[] {
  if (reading.kind !== 'report') return [];
  return reading.report.policies.flatMap(({ successful, failed, failures }) => [
    successful,
    failed,
    ...failures.map(({ sessions }) => sessions),
  ]);
}

type Change = (bytes: Buffer) => Buffer;

const wrapping = fc.constantFrom<Change>(
  (bytes) => bytes,
  (bytes) => gzipSync(bytes),
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (bytes) => Buffer.concat([Buffer.from('\r\n\r\n'), bytes]),
  (bytes) => reportMail({ content: bytes }),
  (bytes) => reportMail({ content: bytes, partHeader: ['Content-Type: application/octet-stream'] }),
  (bytes) => reportMail({ content: bytes, encoding: 'quoted-printable', partHeader: ['Content-Type: text/plain'] }),
  (bytes) => forwarded(reportMail({ content: bytes })),
  (bytes) => mbox([reportMail({ content: bytes }), reportMail({ content: bytes })]),
);

/** Where a piece is missing, another number may be left of one, which nobody can tell. */
const changing = fc
  .record({ how: fc.constantFrom('keep', 'cut', 'drop'), place: fc.nat(), length: fc.integer({ min: 1, max: 200 }) })
  .map(({ how, place, length }): { readonly change: Change; readonly mayAlter: boolean } => ({
    mayAlter: how === 'drop',
    change: (bytes) => {
      const at = place % Math.max(bytes.length, 1);
      if (how === 'cut') return bytes.subarray(0, at);
      return how === 'keep' ? bytes : Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    },
  }));

function jsonIn(bytes: Buffer): string[] {
  const text = bytes[0] === 0x1f ? unpacked(bytes) : bytes.toString();
  return text.startsWith('{') ? [text] : [];
}

function unpacked(bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString();
  } catch {
    return '';
  }
}

const mutations = fc.array(
  fc.tuple(fc.nat(), fc.constantFrom<unknown>(undefined, null, '', 'text', true, [], {}, [null], [[]], -1, 1.5, '12')),
  { minLength: 1, maxLength: 5 },
);

/** Puts a value in the place of one of the members, or takes it out. */
function changedAt(text: string, at: number, value: unknown): string {
  let place = 0;
  const count = (text.match(/":/g) ?? []).length;
  return JSON.stringify(
    JSON.parse(text, (name, held: unknown) => {
      if (name === '' || /^\d+$/.test(name)) return held;
      place += 1;
      return place - 1 === at % Math.max(count, 1) ? value : held;
    }),
  );
}
