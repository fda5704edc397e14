import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newDatabase } from '#store/durable/database-file.ts';
import type { SnapshotState } from '#store/durable/database-file.ts';
import { foldJournal } from '#store/durable/fold-journal.ts';
import { Journal } from '#store/durable/journal.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import type { Fault } from '#test/support/failing-disk.ts';
import { keyValueKind, pairsOnDisk } from '#test/support/key-values.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

let sqlite: Sqlite;

beforeAll(async () => {
  sqlite = await loadSqlite();
});

afterEach(healDisk);

/** A kind that shows when something is replayed twice. */
const countingKind = {
  ...keyValueKind,
  statements: {
    add: `INSERT INTO pairs VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value`,
  },
};

/** A snapshot, and a journal to which somebody goes on appending. */
class Subject {
  readonly stem: string;
  readonly #journal: Journal;
  #expected = 0;

  constructor(stem = join(scratchDirectory(), 'pairs')) {
    this.stem = stem;
    writeFileSync(`${stem}.sqlite`, newDatabase(sqlite, countingKind));
    this.#journal = Journal.create(`${stem}.journal`, 1);
  }

  append(times = 1): void {
    for (let count = 0; count < times; count += 1) this.#journal.append([['add', ['key', 'value'], ['a', 1, 'a', 1]]]);
    this.#expected += times * 2;
  }

  sync(): void {
    this.#journal.sync();
  }

  fold(finish = false): SnapshotState {
    return foldJournal({ sqlite, stem: this.stem, kind: countingKind, finish });
  }

  goOn({ generation, foldedBytes }: SnapshotState): void {
    this.#journal.beginNext(generation, foldedBytes);
  }

  get journalBytes(): number {
    return this.#journal.sizeBytes;
  }

  check(): void {
    expect(pairsOnDisk(sqlite, this.stem, countingKind) ?? {}).toEqual(
      this.#expected === 0 ? {} : { a: this.#expected },
    );
  }
}

describe('Folding a journal', () => {
  it('moves what it says into the snapshot, and the journal goes on with what came since', () => {
    const subject = new Subject();
    subject.append(3);
    const state = subject.fold();
    subject.check();
    subject.append(2);
    subject.check();
    const before = subject.journalBytes;
    subject.goOn(state);
    expect(subject.journalBytes).toBeLessThan(before);
    subject.check();
    subject.append();
    subject.check();
  });

  it('can be done again before the journal has been begun anew', () => {
    const subject = new Subject();
    subject.append(3);
    const first = subject.fold();
    subject.append(2);
    const second = subject.fold();
    expect(second).toMatchObject({ generation: first.generation });
    expect(second.foldedBytes).toBeGreaterThan(first.foldedBytes);
    subject.check();
    subject.goOn(second);
    subject.append();
    subject.check();
  });

  it('leaves a snapshot that stands alone when the day is over, also when the journal is still there', () => {
    const subject = new Subject();
    subject.append(4);
    subject.sync();
    copyFileSync(`${subject.stem}.journal`, `${subject.stem}.kept`);
    subject.fold(true);
    expect(existsSync(`${subject.stem}.journal`)).toBe(false);
    subject.check();
    copyFileSync(`${subject.stem}.kept`, `${subject.stem}.journal`);
    subject.check();
    subject.fold(true);
    subject.check();
  });

  it('changes nothing when there is nothing to fold', () => {
    const subject = new Subject();
    subject.append();
    subject.fold(true);
    const before = readFileSync(`${subject.stem}.sqlite`);
    subject.fold(true);
    expect(readFileSync(`${subject.stem}.sqlite`)).toEqual(before);
  });

  it('counts nothing twice and loses nothing in any order of appending, syncing, folding and going on', () => {
    const directory = scratchDirectory();
    let runs = 0;
    const step = fc.constantFrom('append', 'append', 'sync', 'fold', 'go on', 'fold and go on' as const);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const subject = new Subject(join(directory, `pairs-${String((runs += 1))}`));
        let folded: SnapshotState | undefined;
        for (const each of steps) {
          if (each === 'append') subject.append();
          if (each === 'sync') subject.sync();
          if (each.startsWith('fold')) folded = subject.fold();
          if (each.endsWith('go on') && folded) subject.goOn(folded);
          if (each.endsWith('go on')) folded = undefined;
          subject.check();
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('Folding that the disk refuses', () => {
  const refusals: readonly (Fault & { readonly name: string })[] = [
    { name: 'opening the copy', call: 'openSync', errno: 'ENOSPC', path: '.pairs.sqlite.tmp' },
    { name: 'writing the copy', call: 'writeSync', errno: 'ENOSPC', path: '.pairs.sqlite.tmp' },
    { name: 'syncing the copy', call: 'fsyncSync', errno: 'EIO', path: '.pairs.sqlite.tmp' },
    { name: 'renaming the copy', call: 'renameSync', errno: 'EIO', path: 'pairs.sqlite' },
  ];

  it.each(refusals)('changes nothing, says so, and can be done later: $name', (fault) => {
    const subject = new Subject();
    subject.append(2);
    failDisk(fault);
    const code = fault.errno === 'ENOSPC' ? 'disk-full' : 'store-not-writable';
    expect(() => subject.fold()).toThrow(expect.objectContaining({ code }));
    healDisk();
    subject.check();
    subject.append();
    subject.goOn(subject.fold());
    subject.check();
  });
});
