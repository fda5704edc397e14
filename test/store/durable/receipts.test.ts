import { describe, expect, it } from 'vitest';
import { frameKind } from '#store/durable/journal-format.ts';
import { datagramsIn, formatReceipts, RECEIPT_BYTES, receiptsIn } from '#store/durable/receipts.ts';

const [ONE, TWO] = [Buffer.alloc(RECEIPT_BYTES, 1), Buffer.alloc(RECEIPT_BYTES, 2)];
const DATAGRAMS = Buffer.from('datagrams');

describe('A frame with receipts', () => {
  it('has them before its datagrams', () => {
    const frame = { kind: frameKind.receipted, payload: Buffer.concat([formatReceipts([ONE, TWO]), DATAGRAMS]) };
    expect(receiptsIn(frame)).toEqual(Buffer.concat([ONE, TWO]));
    expect(datagramsIn(frame)).toEqual(DATAGRAMS);
  });

  it('has no datagrams where its receipts do not end in it', () => {
    const whole = Buffer.concat([formatReceipts([ONE, TWO]), DATAGRAMS]);
    for (const bytes of [0, 3, 4, 20, 35])
      expect(datagramsIn({ kind: frameKind.receipted, payload: whole.subarray(0, bytes) })).toHaveLength(0);
  });
});

describe('A frame without receipts', () => {
  it('has datagrams alone, or none', () => {
    expect(receiptsIn({ kind: frameKind.datagrams, payload: DATAGRAMS })).toHaveLength(0);
    expect(datagramsIn({ kind: frameKind.datagrams, payload: DATAGRAMS })).toBe(DATAGRAMS);
    expect(datagramsIn({ kind: frameKind.statements, payload: DATAGRAMS })).toBeUndefined();
  });
});
