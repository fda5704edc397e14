import { describe, expect, it } from 'vitest';
import { jsonBytes } from '#tlsrpt/json-encoding.ts';
import { elementsOf } from '#tlsrpt/json-pieces.ts';
import { jsonValuesIn } from '#tlsrpt/json-values.ts';
import type { FoundValues } from '#tlsrpt/json-values.ts';
import { readInboundReports } from '#tlsrpt/read-inbound-report.ts';
import { bytesOf, only, reportsIn, soundDocument, soundEntry } from '#test/support/inbound-documents.ts';

const ENTRY = soundEntry();
const DETAILS = Array.from({ length: 6_000 }, (_, number) => ({
  'result-type': 'certificate-expired',
  'failed-session-count': 1,
  'failure-reason-code': `reason, "{[${String(number)}]}" \u00e9`,
}));
const LARGE = { ...soundDocument(), policies: [ENTRY, { ...ENTRY, 'failure-details': DETAILS }, ENTRY] };

function found(text: string | Buffer): FoundValues {
  return jsonValuesIn(jsonBytes(Buffer.from(text)));
}

/** Everything that is there, opened. */
function opened(value: unknown): unknown {
  const elements = elementsOf(value);
  if (elements) return Array.from(elements, opened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, opened(member)]));
}

describe('JSON that is opened piece by piece', () => {
  it.each<[string, unknown]>([
    ['a list in an object', LARGE],
    ['a list in a list', [[DETAILS, []], DETAILS]],
    ['a list with small and large elements', [1, DETAILS, 'a', { a: DETAILS }, null, DETAILS, {}]],
    ['an object of objects', { a: { b: { c: DETAILS, __proto__: 1 } }, 'd"': DETAILS }],
  ])('says what JSON.parse says of %s', (_what, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)])
      expect(found(text).values.map(opened)).toEqual([JSON.parse(text)]);
  });

  it('reads a large report as it reads a small one, in any encoding', () => {
    const expected = [303, ...DETAILS.map(() => 1), 303];
    const text = JSON.stringify(LARGE);
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'latin1')]) {
      const { policies } = only(reportsIn(bytes));
      const sessions = policies.map(({ failures }) => failures.reduce((sum, failure) => sum + failure.sessions, 0));
      expect(sessions).toEqual([303, expected.length - 2, 303]);
    }
    expect(only(reportsIn(text)).policies[1]?.failures[7]?.reasonCode).toBe('reason, "{[7]}" \u00e9');
  });

  it('refuses a large one that is flawed anywhere, with the reason', () => {
    const text = JSON.stringify(LARGE);
    const code = (document: string): string => {
      const reading = readInboundReports(bytesOf(document));
      return reading.kind === 'unreadable' ? reading.code : reading.kind;
    };
    expect(code(text.slice(0, -100))).toBe('truncated');
    expect(code(text.slice(0, 300_000))).toBe('truncated');
    for (const [from, to] of [
      ['"failed-session-count":1,', '"failed-session-count":01,'],
      ['},{"result-type":"certificate-expired"', '}{"result-type":"certificate-expired"'],
      ['"policies":', '"policies",'],
      ['"failure-details":[', '"failure-details":[,'],
    ] as const)
      expect([from, code(text.replace(from, to))]).toEqual([from, 'not-json']);
    expect(code(`${'['.repeat(50)}${text}${']'.repeat(50)}`)).toBe('too-complex');
  });

  it('counts members whose name is there already, in pieces and around them', () => {
    const text = JSON.stringify(LARGE).replaceAll('"result-type"', '"result-type":"","result-type"');
    expect(found(text.replace('"policies"', '"policies":1,"policies"')).repeated).toBe(DETAILS.length + 4 + 1);
  });

  it.each([262_000, 262_142, 262_143, 300_000, 524_285])('has the whole of a text of %i characters', (length) => {
    const value = { a: 'a'.repeat(length), b: [1] };
    expect(found(JSON.stringify(value)).values.map(opened)).toEqual([value]);
    expect(found(JSON.stringify(value).replace('a",', '\\q",')).flaw).toBe('not-json');
  });

  it('cuts a text that is longer than any, wherever an escape stands', () => {
    for (const unit of ['a', '\u6f22', '"', '\u0001', '\u{1f600}'])
      for (const before of ['', 'b', 'bc', 'bcd', 'bcde']) {
        const text = JSON.stringify({ a: `${before}${unit.repeat(600_000)}` });
        const [value] = found(text).values as { a: string }[];
        expect(value?.a.startsWith(before + unit)).toBe(true);
        expect(value?.a.length).toBeGreaterThan(80_000);
      }
  });
});
