/**
 * Writes reports as files, each under the name that RFC 8460 5.1 gives it, for other programs to pick up.
 *
 * A file is complete or absent; writing the same report again puts the same bytes there.
 * Problems: file-not-written.
 */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ensureDirectory, replaceFile } from '#support/durable-file.ts';
import { messageOf, Problem } from '#support/problem.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

export function writeReportFiles(directory: string, reports: readonly OutgoingReport[]): void {
  try {
    ensureDirectory(directory);
    for (const { fileName, document } of reports) replaceFile(join(directory, fileName), gzipSync(document));
  } catch (error) {
    throw new Problem('file-not-written', `The reports cannot be written to ${directory}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
