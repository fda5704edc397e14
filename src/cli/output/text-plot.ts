/**
 * Numbers over time as one line of characters, the higher the darker: it stands in any terminal, mail or log.
 */

/** A blank is nothing; whatever is more than nothing is seen. */
const LEVELS = ['.', ':', '+', '*', '#'];

/** In `width` characters at most, so that each may stand for the sum of several numbers. */
export function textPlot(numbers: readonly number[], width: number): string {
  const sums = summedUp(numbers, numbersEach(numbers.length, width));
  const most = sums.reduce((highest, number) => Math.max(highest, number), 0);
  return sums.map((number) => levelOf(number, most)).join('');
}

/** How many numbers one character stands for. */
export function numbersEach(count: number, width: number): number {
  return Math.max(1, Math.ceil(count / width));
}

function summedUp(numbers: readonly number[], each: number): number[] {
  const sums = Array.from({ length: Math.ceil(numbers.length / each) }, () => 0);
  numbers.forEach((number, index) => {
    const place = Math.floor(index / each);
    sums[place] = (sums[place] ?? 0) + number;
  });
  return sums;
}

function levelOf(number: number, most: number): string {
  return number <= 0 ? ' ' : (LEVELS[Math.ceil((number / most) * LEVELS.length) - 1] ?? ' ');
}
