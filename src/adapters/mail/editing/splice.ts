/**
 * Bytes with pieces exchanged: what no splice names stays as it is.
 */
export interface Splice {
  readonly start: number;
  /** Behind what is taken out; the same as `start` where nothing is. */
  readonly end: number;
  readonly bytes: Buffer;
}

/** The splices do not overlap; their order does not matter. */
export function spliced(bytes: Buffer, splices: readonly Splice[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, bytes: inserted } of [...splices].sort((a, b) => a.start - b.start)) {
    pieces.push(bytes.subarray(at, start), inserted);
    at = end;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}
