/**
 * Builds dist/tlsrpt once before the tests, so that those which drive the executable drive today's.
 */
import { execFileSync } from 'node:child_process';

/** Called by vitest. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
