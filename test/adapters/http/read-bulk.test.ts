import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBulk } from '#adapters/http/read-bulk.ts';
import type { BulkReading } from '#adapters/http/read-bulk.ts';
import { MOST_ITEMS } from '#adapters/http/posted-item.ts';
import { halonDocument } from '#test/support/http-posting.ts';

const DOCUMENT = JSON.stringify(halonDocument({ domain: 'a.example', timestampMs: 1, transaction: 'b6' }));

const read = (...lines: string[]): BulkReading => readBulk(Buffer.from(lines.join('\n')));

describe('The body of a bulk request', () => {
  it('says what is to be done with each document, and where', () => {
    const reading = read('{"index":{"_index":"one"}}', DOCUMENT, '', '{"create":{"_id":"7"}}\r', `${DOCUMENT}\r`, '');
    expect(reading).toMatchObject({
      kind: 'items',
      items: [
        { action: 'index', index: 'one', id: undefined, line: 2, item: { kind: 'session' } },
        { action: 'create', index: undefined, id: '7', line: 5, item: { kind: 'session' } },
      ],
    });
  });

  it('has documents that cannot be read, or count for nothing, beside others', () => {
    const reading = read('{"index":{}}', '{"timestamp":1}', '{"index":{}}', 'nope', '{"index":{}}', DOCUMENT);
    expect(reading).toMatchObject({
      items: [
        { item: { kind: 'nothing' } },
        { item: { kind: 'unreadable', why: 'it is not JSON' } },
        { item: { kind: 'session' } },
      ],
    });
  });

  it.each([
    ['{"delete":{"_id":"7"}}', DOCUMENT],
    ['{"index":{},"create":{}}', DOCUMENT],
    ['[]', DOCUMENT],
    [DOCUMENT, '{"index":{}}'],
    [`{"index":{"_index":"${'x'.repeat(5_000)}"}}`, DOCUMENT],
  ])('counts for nothing when a line does not say what is to be done: %s', (...lines) => {
    expect(read('{"index":{}}', DOCUMENT, ...lines)).toMatchObject({
      kind: 'malformed',
      why: 'Malformed action/metadata line [3]: it does not say index or create. Nothing of the request counts.',
    });
  });

  it('counts for nothing when the last document is missing', () => {
    expect(read('{"index":{}}')).toMatchObject({ kind: 'malformed' });
  });

  it('has so many documents at most', () => {
    expect(readBulk(Buffer.from('{"index":{}}\n{}\n'.repeat(MOST_ITEMS + 1)))).toEqual({ kind: 'too-many' });
  });

  it('is read whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('{"index":{}}', DOCUMENT, '\r', '{}'))), (lines) => {
        expect(['items', 'malformed']).toContain(read(...lines).kind);
      }),
    );
  });

  it('knows the same document by its receipt, and another one as another', () => {
    const later = DOCUMENT.replace('"timestamp":1', '"timestamp":2');
    const reading = read('{"index":{}}', DOCUMENT, '{"index":{}}', DOCUMENT, '{"index":{}}', later);
    const receipts =
      reading.kind === 'items'
        ? reading.items.map(({ item }) => (item.kind === 'session' ? item.session.receipt?.toString('hex') : ''))
        : [];
    expect(receipts[0]).toBe(receipts[1]);
    expect(receipts[2]).not.toBe(receipts[0]);
  });
});
