/**
 * The lines of a body that are not empty, with their numbers from 1 on, without their ends.
 */
export interface Line {
  readonly number: number;
  readonly bytes: Buffer;
}

const [LF, CR] = [0x0a, 0x0d];

export function* linesOf(body: Buffer): Generator<Line, undefined> {
  for (let [start, number] = [0, 1]; start < body.length; number += 1) {
    const found = body.indexOf(LF, start);
    const next = found < 0 ? body.length : found;
    const end = body[next - 1] === CR && next > start ? next - 1 : next;
    if (end > start) yield { number, bytes: body.subarray(start, end) };
    start = next + 1;
  }
  return undefined;
}
