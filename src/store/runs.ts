/**
 * When `report` and `send` last ran, and how they ended: `runs.json`. Nothing but what `status` shows depends on it.
 *
 * A run replaces what is known of earlier ones of its command. Of two that end at the same moment one may go unnoted.
 * Problems, when it is written: disk-full, store-not-writable.
 */
import { z } from 'zod';
import { replaceSharedFile } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import { readIfThere } from './durable/read-if-there.ts';
import type { StateDirectory } from './state-directory.ts';
import { writing } from './store-problem.ts';

export const notedCommands = ['report', 'send'] as const;

export type NotedCommand = (typeof notedCommands)[number];

export interface NotedRun {
  /** Both are ISO 8601. */
  readonly started: string;
  readonly ended: string;
  readonly exitCode: number;
  /** What led to the exit code, in stable words; absent or empty when all was done. */
  readonly reasons?: readonly string[] | undefined;
}

export type NotedRuns = Readonly<Partial<Record<NotedCommand, NotedRun | undefined>>>;

const runShape = z.object({
  started: z.iso.datetime(),
  ended: z.iso.datetime(),
  exitCode: z.int(),
  reasons: z.array(z.string()).optional(),
});
const fileShape = z.object({ report: runShape.optional(), send: runShape.optional() });

/** Several times what they come to. */
const MOST_BYTES = 65_536;

export class Runs {
  readonly #state: StateDirectory;

  constructor(state: StateDirectory) {
    this.#state = state;
  }

  /** What cannot be read is nothing that is known. */
  read(): NotedRuns {
    try {
      const text = readIfThere(this.#state.disk, this.#state.runsFile, MOST_BYTES);
      return (text === undefined ? undefined : fileShape.safeParse(JSON.parse(text)).data) ?? {};
    } catch (error) {
      if (error instanceof SyntaxError || errnoOf(error) !== undefined) return {};
      throw error;
    }
  }

  note(command: NotedCommand, run: NotedRun): void {
    const file = this.#state.runsFile;
    const text = `${JSON.stringify({ ...this.read(), [command]: run }, undefined, 2)}\n`;
    writing(file, () => {
      replaceSharedFile(file, Buffer.from(text), this.#state.disk);
    });
  }
}
