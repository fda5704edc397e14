/**
 * Passes one mail on from a stream to another, filtered, whatever its size: what is larger than any report goes through piece by piece.
 *
 * Rejects only when reading or writing fails. Then what was written is not the mail, and whoever reads it has to be told.
 */
import { fieldRemoval, filterBeginning, filterMail } from './filter-mail.ts';
import type { MailFilter } from './filter-mail.ts';

/** A mail of 10 MB or so is what receivers take. */
const MAX_BYTES = 10_485_760;

export async function filterStream(
  input: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
  filter: MailFilter,
): Promise<void> {
  const chunks = input[Symbol.asyncIterator]();
  const { bytes, isWhole } = await beginningOf(chunks);
  if (isWhole) {
    await write(await filterMail(bytes, filter));
    return;
  }
  const removal = fieldRemoval(filter); // its header may go on behind the beginning
  await write(filterBeginning(removal.push(bytes), filter));
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
    await write(removal.push(asBuffer(next.value)));
  await write(removal.end());
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

async function beginningOf(chunks: AsyncIterator<Uint8Array>): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  for (let sizeBytes = 0; sizeBytes <= MAX_BYTES;) {
    const next = await chunks.next();
    if (next.done === true) return { bytes: Buffer.concat(pieces), isWhole: true };
    pieces.push(next.value);
    sizeBytes += next.value.length;
  }
  return { bytes: Buffer.concat(pieces), isWhole: false };
}
