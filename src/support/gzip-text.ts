/**
 * Text compressed with gzip. Most is so short that a thread of its own would take seven times as long as the work; what is long is
 * compressed on one, so that nothing else has to wait.
 */
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

const compressOnThread = promisify(gzip);
const LONG_TEXT = 65_536;

export async function gzipText(text: string): Promise<Buffer> {
  return text.length < LONG_TEXT ? gzipSync(text) : compressOnThread(text);
}
