/**
 * What every ForeignFile must do, run on each implementation against a file on this machine.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ForeignFile } from '#pipeline/fetch/foreign-file.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

export interface FileWish {
  /** The file to read, which need not exist. */
  readonly path: string;
  readonly maxBytes?: number;
}

export type MakeForeignFile = (wish: FileWish) => Promise<ForeignFile>;

export function describeForeignFile(name: string, makeFile: MakeForeignFile): void {
  describe(`${name} as a foreign file`, () => {
    function places(): { path: string; to: string } {
      const root = scratchDirectory();
      return { path: join(root, 'original'), to: join(root, 'copy') };
    }

    it('is copied, in the place of what was there, and tells how far it has come', async () => {
      const { path, to } = places();
      const content = randomBytes(700_000);
      writeFileSync(path, content);
      writeFileSync(to, randomBytes(900_000));
      const told: number[] = [];
      const file = await makeFile({ path });
      expect(await file.copyTo(to, { progress: (done) => told.push(done) })).toEqual({ kind: 'saved' });
      expect(readFileSync(to).equals(content)).toBe(true);
      expect(told.at(-1)).toBe(700_000);
    });

    it('is missing when there is none, and leaves nothing', async () => {
      const { path, to } = places();
      writeFileSync(to, 'older');
      const file = await makeFile({ path });
      expect(await file.copyTo(to)).toEqual({ kind: 'missing' });
      expect(existsSync(to)).toBe(false);
    });

    it('is refused when it is larger than its bound, and leaves nothing', async () => {
      const { path, to } = places();
      writeFileSync(path, randomBytes(1_001));
      const file = await makeFile({ path, maxBytes: 1_000 });
      expect(await file.copyTo(to)).toMatchObject({ kind: 'refused', why: expect.stringContaining(path) as string });
      expect(existsSync(to)).toBe(false);
    });

    it('is refused when it is a directory', async () => {
      const { path, to } = places();
      mkdirSync(path);
      const file = await makeFile({ path });
      expect(await file.copyTo(to)).toMatchObject({ kind: 'refused' });
    });

    it('rejects when the copy cannot be written', async () => {
      const { path, to } = places();
      writeFileSync(path, 'content');
      const file = await makeFile({ path });
      await expect(file.copyTo(join(to, 'copy'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('has a name that says where it is', async () => {
      const { path } = places();
      expect((await makeFile({ path })).name).toContain(path);
    });
  });
}
