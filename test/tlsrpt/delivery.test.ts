import { describe, expect, it } from 'vitest';
import { deliveryStates, isWaiting } from '#tlsrpt/delivery.ts';

describe('isWaiting', () => {
  it('is true of what may still be delivered', () => {
    expect(deliveryStates.filter((state) => isWaiting({ state }))).toEqual(['queued', 'deferred']);
  });
});
