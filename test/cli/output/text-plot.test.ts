import { describe, expect, it } from 'vitest';
import { numbersEach, textPlot } from '#cli/output/text-plot.ts';

describe('A plot of one line', () => {
  it('is darker the higher the number is, and blank for nothing alone', () => {
    expect(textPlot([0, 1, 20, 21, 40, 60, 80, 99, 100], 50)).toBe(' ..::+*##');
    expect([textPlot([0, 0], 50), textPlot([], 50), textPlot([7], 50), textPlot([1e-9, 1e15], 50)]).toEqual([
      '  ',
      '',
      '#',
      '.#',
    ]);
  });

  it('has as much room as it is given, and adds up what shares a place', () => {
    expect(textPlot([1, 1, 4, 0, 0, 0, 5], 4)).toBe(':* #');
    expect([numbersEach(7, 4), numbersEach(4, 4), numbersEach(0, 4)]).toEqual([2, 1, 1]);
    expect(
      textPlot(
        Array.from({ length: 400 }, () => 1),
        50,
      ),
    ).toBe('#'.repeat(50));
  });
});
