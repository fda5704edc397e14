/**
 * Splits a stream of bytes into lines without decoding them.
 *
 * Of a line longer than the limit only the beginning is given on, so memory stays bounded whatever comes.
 */
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const MAX_LINE_BYTES = 1_048_576;

export async function* splitLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  for await (const chunk of chunks) {
    let bytes = Buffer.concat([rest, Buffer.from(chunk)]);
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
      if (!isTooLong) yield withoutCarriageReturn(bytes.subarray(0, end));
      isTooLong = false;
      bytes = bytes.subarray(end + 1);
    }
    rest = isTooLong ? Buffer.alloc(0) : bytes;
    if (rest.length <= MAX_LINE_BYTES) continue;
    yield rest;
    rest = Buffer.alloc(0);
    isTooLong = true;
  }
  if (rest.length > 0) yield withoutCarriageReturn(rest);
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
