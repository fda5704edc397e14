/**
 * Which states of a sweep are looked at: some of them evenly in the suite, all of them with `TLSRPT_SWEEP=all`.
 */
const EVERY = process.env['TLSRPT_SWEEP'] === 'all';

/** `offset` lets several sweeps look at different ones of the same states. */
export function isSwept(state: number, stride: number, offset = 0): boolean {
  return EVERY || state % stride === offset % stride;
}
