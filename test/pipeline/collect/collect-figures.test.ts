import { describe, expect, it } from 'vitest';
import { CollectFigures } from '#pipeline/collect/collect-figures.ts';

describe('The figures of a collector', () => {
  it('are stored with the day: what was lost once, the peak each time', () => {
    const figures = new CollectFigures();
    figures.ringPeakBytes = 10;
    const peaks = new Map([['ring-peak-bytes', 10]]);
    expect(figures.takeForDay()).toEqual({ sums: new Map(), peaks });
    figures.dropped = 3;
    expect(figures.takeForDay()).toEqual({ sums: new Map([['dropped', 3]]), peaks });
    expect(figures.takeForDay()).toEqual({ sums: new Map(), peaks });
    figures.dropped = 5;
    expect(figures.takeForDay()).toEqual({ sums: new Map([['dropped', 2]]), peaks });
  });
});
