/**
 * A database of sys4's tlsrpt-collectd, taken for a state directory: what it holds of a day becomes an ordinary day file.
 *
 * It is read on a thread of its own (sys4-database-thread.ts), since nobody knows how long a foreign file takes to read.
 */
import { rmSync } from 'node:fs';
import type { Store } from '#store/store.ts';
import { runTask } from '#support/thread-task.ts';
import type { Conversion } from './convert-database.ts';
import type { ForeignFile } from '#pipeline/fetch/foreign-file.ts';
import type { CopyResult, StateSource } from '#pipeline/fetch/state-source.ts';

export interface Sys4SourceOptions {
  /** False once its collector has ended for good. Then what is here already is copied again: there may be more. */
  readonly isWritten?: boolean;
  /** As for a state source. */
  readonly mayReadHere?: boolean;
}

export function sys4Source(
  file: ForeignFile,
  store: Store,
  { isWritten = true, mayReadHere = false }: Sys4SourceOptions = {},
): StateSource {
  const { name } = file;
  return {
    name,
    mayReadHere,
    async copyDay(day, into, { known, partial = false, progress, signal } = {}) {
      if (known && isWritten) return { kind: 'unchanged' };
      const copy = `${into}.sys4`;
      try {
        const copied = await file.copyTo(copy, { progress, signal });
        if (copied.kind === 'missing') return noDatabase(name);
        if (copied.kind !== 'saved') return copied;
        const conversion: Conversion = { copy, name, storePath: store.path, day, into, partial, isWritten };
        const end = await runTask<CopyResult>('sys4-database', conversion, signal);
        return end.kind === 'answered' ? end.answer : { kind: 'damaged', why: end.why };
      } finally {
        rmSync(copy, { force: true });
      }
    },
  };
}

function noDatabase(name: string): CopyResult {
  return {
    kind: 'refused',
    why: `there is no ${name}`,
    advice: 'Check the path against "storage" in collectd.cfg; the file is there from the first midnight on.',
  };
}
