/**
 * A directory for one test, removed after it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function scratchDirectory(parent = tmpdir()): string {
  const path = mkdtempSync(join(parent, 'tlsrpt-test-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

const MEMORY_FILES = '/dev/shm';

/** The same in memory, where the system has that: no other test makes its files wait. */
export function fastScratchDirectory(): string {
  return scratchDirectory(existsSync(MEMORY_FILES) ? MEMORY_FILES : undefined);
}
