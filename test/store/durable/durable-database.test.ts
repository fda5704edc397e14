import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { HEADER_BYTES } from '#store/durable/journal-format.ts';
import { journalPath, journalsOf } from '#store/durable/journal-files.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { DurableDatabase } from '#store/durable/durable-database.ts';
import { systemDisk } from '#support/disk.ts';
import { openPairs, pairsIn, pairsOnDisk, put } from '#test/support/key-values.ts';
import { has } from '#test/support/real-parts.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

function newStem(): string {
  return join(scratchDirectory(), 'nested', 'pairs');
}

describe('A durable database', () => {
  it('has what was written after it was closed and opened again', () => {
    const stem = newStem();
    const first = openPairs(context, stem);
    first.transact([put('a', 1), put('b', 2)]);
    first.transact([['remove', { key: 'a' }]]);
    first.close();
    const second = openPairs(context, stem);
    expect(pairsIn(second)).toEqual({ b: 2 });
    expect(second.tornBytes).toBe(0);
    second.close();
  });

  it('makes all of the changes of a transaction or none of them', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    database.transact([put('a', 1)]);
    expect(() => {
      database.transact([put('b', 2), ['add', { key: 'a', value: 9 }]]);
    }).toThrow('UNIQUE');
    expect(() => {
      database.transact([put('c', 3), ['no-such-statement', {}]]);
    }).toThrow('"no-such-statement"');
    expect(pairsIn(database)).toEqual({ a: 1 });
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1 });
    database.close();
  });

  it('stands alone in its snapshot after a checkpoint, and can be gone on with', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    database.transact([put('a', 1)]);
    database.checkpoint();
    database.close();
    expect(readdirSync(dirname(stem))).toEqual(['pairs.sqlite']);
    const again = openPairs(context, stem);
    again.transact([put('b', 2)]);
    again.close();
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, b: 2 });
  });

  it('has no journal after a checkpoint until something is changed', () => {
    const database = openPairs(context, newStem());
    const emptyBytes = database.journalBytes;
    database.transact([put('a', 1)]);
    expect(database.journalBytes).toBeGreaterThan(emptyBytes);
    database.checkpoint();
    expect(database.journalBytes).toBe(emptyBytes);
    database.close();
  });

  it('can be read by anyone while it is written', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    for (let value = 1; value <= 10; value += 1) {
      database.transact([put('a', value)]);
      if (value % 3 === 0) database.checkpoint();
      expect(pairsOnDisk(context, stem)).toEqual({ a: value });
    }
    database.checkpoint();
    expect(pairsOnDisk(context, stem)).toEqual({ a: 10 });
    database.close();
  });

  it.runIf(has('sqlite3'))('is an ordinary file for the sqlite3 shell', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    for (let key = 0; key < 500; key += 1) database.transact([put(`key ${String(key)}`, key)]);
    database.checkpoint();
    const ask = (sql: string): string => execFileSync('sqlite3', [`${stem}.sqlite`, sql], { encoding: 'utf8' }).trim();
    expect(ask('PRAGMA integrity_check')).toBe('ok');
    expect(ask('SELECT count(*), sum(value) FROM pairs')).toBe('500|124750');
    database.close();
  });

  it('is for its owner alone', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    database.transact([put('a', 1)]);
    database.close();
    const modes = execFileSync('stat', ['--format=%a', dirname(stem), `${stem}.sqlite`, `${stem}.1.journal`], {
      encoding: 'utf8',
    });
    expect(modes.trim().split('\n')).toEqual(['700', '600', '600']);
  });
});

describe('Two writers of one durable database', () => {
  it('are one: the second is refused and told which process is the first', () => {
    const stem = newStem();
    const first = openPairs(context, stem);
    expect(() => openPairs(context, stem)).toThrow(
      expect.objectContaining({
        code: 'store-locked',
        message: expect.stringContaining(`process ${String(process.pid)}`) as string,
      }),
    );
    first.transact([put('a', 1)]);
    first.close();
    const second = openPairs(context, stem);
    expect(pairsIn(second)).toEqual({ a: 1 });
    second.close();
  });

  it('take over from one that left its lock file', () => {
    const stem = newStem();
    openPairs(context, stem).close();
    writeFileSync(`${stem}.lock`, '999999\n');
    const database = openPairs(context, stem);
    expect(readFileSync(`${stem}.lock`, 'utf8').trim()).toBe(String(process.pid));
    database.close();
    expect(existsSync(`${stem}.lock`)).toBe(false);
  });
});

describe('A durable database whose writer was killed', () => {
  it('has every whole transaction, at whatever byte the last one is torn', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    database.transact([put('a', 1)]);
    const wholeBytes = database.journalBytes;
    database.transact([put('b', 2), put('c', 3)]);
    const { journalBytes } = database;
    for (let bytes = wholeBytes; bytes <= journalBytes; bytes += 1) {
      const torn = copyOf(stem, `torn-${String(bytes)}`);
      truncateSync(`${torn}.1.journal`, bytes);
      const again = openPairs(context, torn);
      expect(pairsIn(again)).toEqual(bytes === journalBytes ? { a: 1, b: 2, c: 3 } : { a: 1 });
      expect(again.tornBytes).toBe(bytes === journalBytes ? 0 : bytes - wholeBytes);
      again.transact([put('d', 4)]);
      again.close();
      expect(pairsOnDisk(context, torn)).toMatchObject({ a: 1, d: 4 });
    }
    database.close();
  });

  it('does not count twice what a checkpoint had stored before it could remove the journal', () => {
    const stem = newStem();
    const database = openPairs(context, stem);
    database.transact([['add', { key: 'a', value: 1 }]]);
    const stale = readFileSync(`${stem}.1.journal`);
    database.checkpoint();
    database.close();
    writeFileSync(`${stem}.1.journal`, stale);
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1 });
    const again = openPairs(context, stem);
    expect(pairsIn(again)).toEqual({ a: 1 });
    again.transact([['add', { key: 'b', value: 2 }]]);
    again.close();
    expect(pairsOnDisk(context, stem)).toEqual({ a: 1, b: 2 });
  });
});

type Step =
  | {
      readonly kind: 'transact';
      readonly changes: readonly { readonly key: string; readonly value: number | undefined }[];
    }
  | { readonly kind: 'checkpoint' | 'reopen' | 'crash-before-removal' }
  | { readonly kind: 'tear'; readonly bytes: number };

const key = fc.constantFrom('a', 'b', 'c', 'd', "é'; --\n");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('transact' as const),
      changes: fc.array(fc.record({ key, value: fc.option(fc.integer(), { nil: undefined }) }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...(['checkpoint', 'reopen', 'crash-before-removal'] as const).map((kind) => ({ kind })),
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tear' as const), bytes: fc.nat({ max: 60 }) }) },
);

describe('Any sequence of transactions, checkpoints, crashes and torn tails', () => {
  it('leaves the same as the transactions on a plain map', () => {
    const directory = scratchDirectory();
    let runs = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const subject = new Subject(join(directory, String((runs += 1)), 'pairs'));
        for (const each of steps) subject.take(each);
        subject.end();
      }),
      { numRuns: 60 },
    );
  });
});

/** A database and the map it is to equal. */
class Subject {
  readonly #stem: string;
  readonly #expected = new Map<string, number>();
  #database: DurableDatabase;

  constructor(stem: string) {
    this.#stem = stem;
    this.#database = openPairs(context, stem);
  }

  take(taken: Step): void {
    switch (taken.kind) {
      case 'transact':
        this.#transact(taken.changes);
        break;
      case 'checkpoint':
        this.#database.checkpoint();
        break;
      case 'reopen':
        this.#reopen(() => undefined);
        break;
      case 'crash-before-removal': {
        const stale = journalsOf(systemDisk, this.#stem).map((number) => journalPath(this.#stem, number));
        const contents = stale.map((path) => readFileSync(path));
        this.#database.checkpoint();
        this.#reopen(() => {
          stale.forEach((path, index) => {
            writeFileSync(path, contents[index] ?? '');
          });
        });
        break;
      }
      case 'tear':
        this.#tear(taken.bytes);
        break;
    }
    this.#check();
  }

  end(): void {
    this.#database.close();
    this.#check(false);
  }

  #transact(changes: Extract<Step, { kind: 'transact' }>['changes']): void {
    this.#database.transact(
      changes.map(({ key: name, value }) => (value === undefined ? ['remove', { key: name }] : put(name, value))),
    );
    for (const { key: name, value } of changes) {
      if (value === undefined) this.#expected.delete(name);
      else this.#expected.set(name, value);
    }
  }

  #reopen(meanwhile: () => void): void {
    this.#database.close();
    meanwhile();
    this.#database = openPairs(context, this.#stem);
  }

  /** A transaction that was being written when the process ended. */
  #tear(bytes: number): void {
    const size = Math.max(HEADER_BYTES, this.#database.journalBytes);
    this.#database.transact([put('torn', 1)]);
    const torn = Math.min(bytes, this.#database.journalBytes - size - 1);
    const last = journalsOf(systemDisk, this.#stem).at(-1) ?? 0;
    this.#reopen(() => {
      truncateSync(journalPath(this.#stem, last), size + torn);
    });
    expect(this.#database.tornBytes).toBe(torn);
  }

  #check(isOpen = true): void {
    const expected = Object.fromEntries(this.#expected);
    if (isOpen) expect(pairsIn(this.#database)).toEqual(expected);
    expect(pairsOnDisk(context, this.#stem)).toEqual(expected);
  }
}

function copyOf(stem: string, name: string): string {
  const copy = join(dirname(stem), name);
  for (const extension of ['sqlite', '1.journal']) copyFileSync(`${stem}.${extension}`, `${copy}.${extension}`);
  expect(basename(copy)).toBe(name);
  return copy;
}
