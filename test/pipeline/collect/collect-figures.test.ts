import { describe, expect, it } from 'vitest';
import { CollectFigures } from '#pipeline/collect/collect-figures.ts';

describe('The figures of a collector', () => {
  it('are stored with the day: what was lost once, the peak each time', () => {
    const figures = new CollectFigures();
    figures.ringPeakBytes = 10;
    expect(figures.changes()).toEqual([['peak', { name: 'ring-peak-bytes', value: 10 }]]);
    figures.dropped = 3;
    expect(figures.changes()).toContainEqual(['count', { name: 'dropped', value: 3 }]);
    expect(figures.changes()).toEqual([['peak', { name: 'ring-peak-bytes', value: 10 }]]);
    figures.dropped = 5;
    expect(figures.changes()).toContainEqual(['count', { name: 'dropped', value: 2 }]);
  });
});
