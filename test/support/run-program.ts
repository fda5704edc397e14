/**
 * The whole program in this process: arguments in, exit code and what it wrote out. It sees no environment and no file but those given.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '#cli/program.ts';
import { MORNING_MS } from './collected-days.ts';
import { scratchDirectory } from './scratch.ts';

export interface ProgramRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramSurroundings {
  readonly stateDir?: string;
  /** The content of the configuration file. */
  readonly configuration?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nowMs?: number;
  /** How wide the terminal is. */
  readonly columns?: number | undefined;
}

export async function run(words: readonly string[], surroundings: ProgramSurroundings = {}): Promise<ProgramRun> {
  const {
    stateDir = scratchDirectory(),
    configuration = '',
    environment = {},
    nowMs = MORNING_MS,
    columns,
  } = surroundings;
  const file = join(scratchDirectory(), 'tlsrpt.toml');
  writeFileSync(file, configuration);
  const written = { stdout: '', stderr: '' };
  const code = await runProgram(words, {
    environment: { TLSRPT_CONFIG: file, TLSRPT_STATE_DIR: stateDir, ...environment },
    clock: { nowMs: () => nowMs },
    columns,
    stdout: (text) => (written.stdout += text),
    stderr: (text) => (written.stderr += text),
  });
  return { code, ...written };
}
