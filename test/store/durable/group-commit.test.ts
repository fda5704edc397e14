import { describe, expect, it } from 'vitest';
import { GroupCommit } from '#store/durable/group-commit.ts';
import type { Change } from '#store/durable/changes.ts';

function change(name: string): Change {
  return [name, {}];
}

/** Transactions that end when a test lets them. */
function slowDisk(): {
  groups: string[][];
  transact: (changes: readonly Change[]) => Promise<void>;
  end: (failure?: Error) => void;
} {
  const groups: string[][] = [];
  let end: (failure?: Error) => void = () => undefined;
  return {
    groups,
    transact: (changes) =>
      new Promise((resolve, reject) => {
        groups.push(changes.map(([name]) => name));
        end = (failure) => {
          if (failure) reject(failure);
          else resolve();
        };
      }),
    end: (failure) => {
      end(failure);
    },
  };
}

async function aTurn(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('A group commit', () => {
  it('has changes wait for the one transaction that is under way, and makes the next one of them all', async () => {
    const { groups, transact, end } = slowDisk();
    const commits = new GroupCommit(transact);
    const done: string[] = [];
    const put = (name: string): void => void commits.put([change(name)]).then(() => done.push(name));
    put('a');
    put('b');
    await aTurn();
    put('c');
    put('d');
    await aTurn();
    expect([groups, done]).toEqual([[['a', 'b']], []]);
    end();
    await aTurn();
    expect([groups, done]).toEqual([
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      ['a', 'b'],
    ]);
    end();
    await aTurn();
    put('e');
    await aTurn();
    expect([groups.at(-1), done]).toEqual([['e'], ['a', 'b', 'c', 'd']]);
  });

  it('fails the changes of a transaction that fails, and goes on with the others', async () => {
    const { transact, end } = slowDisk();
    const commits = new GroupCommit(transact);
    const first = commits.put([change('a')]);
    await aTurn();
    const second = commits.put([change('b')]);
    end(new Error('no space'));
    await expect(first).rejects.toThrow('no space');
    await aTurn();
    end();
    await second;
  });

  it('fails only those changes that a bug is about, and makes the others of their transaction', async () => {
    const made: string[][] = [];
    const commits = new GroupCommit(async (changes) => {
      await aTurn();
      const names = changes.map(([name]) => name);
      if (names.includes('b')) throw new TypeError('x is not a function');
      made.push(names);
    });
    const put = (name: string): Promise<void> => commits.put([change(name)]);
    const results = await Promise.allSettled(['a', 'b', 'c'].map(put));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(made).toEqual([['a'], ['c']]);
  });

  it('tries nothing again that the disk refuses', async () => {
    let tries = 0;
    const commits = new GroupCommit(() => {
      tries += 1;
      return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    });
    const results = await Promise.allSettled(['a', 'b'].map((name) => commits.put([change(name)])));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(tries).toBe(1);
  });
});
