import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setupRecordBeside } from '#cli/wiring/setup-record.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const RECORD = { changes: [], toReload: ['/etc/postfix'] };

describe('The record of what setup has changed', () => {
  it('is locked by one at a time, and the other is told by whom', () => {
    const directory = scratchDirectory();
    const record = setupRecordBeside(join(directory, 'tlsrpt.toml'));
    const other = setupRecordBeside(join(directory, 'tlsrpt.toml'));
    record.whileLocked(() => {
      expect(() => other.whileLocked(() => 'done')).toThrow(
        expect.objectContaining({
          code: 'store-locked',
          message: expect.stringContaining(
            `by process ${String(process.pid)}, which notes it in ${directory}`,
          ) as string,
        }),
      );
    });
    expect(other.whileLocked(() => 'done')).toBe('done');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is let go of when what was done meanwhile fails', () => {
    const record = setupRecordBeside(join(scratchDirectory(), 'tlsrpt.toml'));
    expect(() =>
      record.whileLocked(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(record.whileLocked(() => 'done')).toBe('done');
  });

  it('is made with its directory, and gone when it is empty', () => {
    const directory = join(scratchDirectory(), 'new');
    const record = setupRecordBeside(join(directory, 'tlsrpt.toml'));
    record.whileLocked(() => {
      record.save(RECORD);
    });
    expect([record.load(), readdirSync(directory)]).toEqual([RECORD, ['postfix-setup.json']]);
    record.save({ changes: [], toReload: [] });
    expect(readdirSync(directory)).toEqual([]);
  });
});
