/**
 * Adds up numbers; 0 for none.
 */
export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
