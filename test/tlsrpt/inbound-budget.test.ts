import { describe, expect, it } from 'vitest';
import { InboundBudget, inboundLimits } from '#tlsrpt/inbound-budget.ts';

describe('the budget of a source', () => {
  it('is shared by its documents', () => {
    const budget = new InboundBudget();
    const half = Buffer.alloc(inboundLimits.brackets / 2, '[');
    expect([half, half, half].map((document) => budget.spend(document))).toEqual([undefined, undefined, 'too-complex']);
    expect(budget.spend(Buffer.alloc(inboundLimits.sizeBytes))).toBe('too-large');
    expect(budget.sizeBytes).toBe(0);
  });
});
