/**
 * Builds dist/tlsrpt once before the tests, so that those which drive the executable drive today's; says after them what this machine lacks.
 */
import { execFileSync } from 'node:child_process';
import { missingParts } from './real-parts.ts';

/** Called by vitest. */
export function setup(): void {
  const missing = missingParts();
  if (missing.length > 0 && process.env['CI'] !== undefined)
    throw new Error(`In CI nothing may be lacking, and this machine lacks:\n  ${missing.join('\n  ')}`);
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Called by vitest. */
export function teardown(): void {
  const missing = missingParts();
  if (missing.length > 0)
    process.stderr.write(
      `\nWhat needs these was not tested, since this machine lacks them:\n  ${missing.join('\n  ')}\n`,
    );
}
