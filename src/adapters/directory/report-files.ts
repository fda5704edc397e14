/**
 * Writes reports as files for people and other programs to pick up.
 *
 * A file is complete or absent; writing the same report again puts the same bytes there.
 * Problems: file-not-written.
 */
import { join } from 'node:path';
import { ensureDirectory, replaceFile } from '#support/durable-file.ts';
import { messageOf, Problem } from '#support/problem.ts';

export interface ReportFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** A file is made only when the one before it is written, so not all of them are in memory. */
export async function writeReportFiles(
  directory: string,
  files: Iterable<ReportFile> | AsyncIterable<ReportFile>,
): Promise<void> {
  writeTo(directory, () => {
    ensureDirectory(directory);
  });
  for await (const { name, content } of files)
    writeTo(directory, () => {
      replaceFile(join(directory, name), typeof content === 'string' ? Buffer.from(content) : content);
    });
}

function writeTo(directory: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new Problem('file-not-written', `The reports cannot be written to ${directory}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
