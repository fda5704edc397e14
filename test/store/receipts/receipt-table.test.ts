import { describe, expect, it } from 'vitest';
import { ReceiptTable, RETRY_MS } from '#store/receipts/receipt-table.ts';

let nowMs = 0;

function receipt(number: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(number, 4);
  return bytes;
}

describe('The receipts of late', () => {
  it('are known when they come again', () => {
    const table = new ReceiptTable(() => nowMs);
    expect([1, 2, 1, 2, 3].map((number) => table.add(receipt(number)))).toEqual([true, true, false, false, true]);
  });

  it('are known for an hour at least, and not for ever', () => {
    nowMs = 0;
    const table = new ReceiptTable(() => nowMs);
    table.add(receipt(1));
    nowMs = RETRY_MS - 1;
    table.add(receipt(2));
    nowMs = RETRY_MS + 1;
    expect([table.add(receipt(3)), table.add(receipt(1)), table.add(receipt(2))]).toEqual([true, false, false]);
    nowMs = 2 * RETRY_MS + 2;
    expect([table.add(receipt(4)), table.add(receipt(1)), table.add(receipt(3))]).toEqual([true, true, false]);
  });

  it('are bounded: of very many the latest are known', () => {
    const table = new ReceiptTable(() => nowMs, 10);
    for (let number = 0; number < 35; number += 1) table.add(receipt(number));
    for (let number = 25; number < 35; number += 1) expect(table.add(receipt(number))).toBe(false);
    expect(table.add(receipt(0))).toBe(true);
  });
});
