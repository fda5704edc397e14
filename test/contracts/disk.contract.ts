/**
 * What every Disk must do, run on each implementation in an empty directory of its own.
 */
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '#support/disk.ts';

/** `root` is an empty directory. */
export type MakeDisk = () => { readonly disk: Disk; readonly root: string };

export function describeDisk(name: string, makeDisk: MakeDisk): void {
  describe(`${name} as a disk`, () => {
    let disk: Disk;
    let root: string;
    const at = (...names: string[]): string => join(root, ...names);
    const put = (path: string, text = ''): void => {
      const fd = disk.open(path, 'create-or-empty');
      disk.write(fd, Buffer.from(text), 0);
      disk.close(fd);
    };
    const readFrom = (fd: number): string => {
      const into = Buffer.alloc(disk.statusOf(fd).sizeBytes);
      return into.toString('latin1', 0, disk.read(fd, into, 0));
    };
    const get = (path: string): string => {
      const fd = disk.open(path, 'read');
      const text = readFrom(fd);
      disk.close(fd);
      return text;
    };
    const errnoOf = (act: () => unknown): string | undefined => {
      try {
        act();
        return undefined;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };

    beforeEach(() => {
      ({ disk, root } = makeDisk());
      disk.makeDirectory(at('directory'));
      put(at('file'), 'content');
    });

    it('opens what is there, or makes it, or refuses, as the mode says', () => {
      put(at('other'), 'other');
      expect(errnoOf(() => disk.open(at('missing'), 'read'))).toBe('ENOENT');
      expect(errnoOf(() => disk.open(at('missing'), 'read-write'))).toBe('ENOENT');
      expect(errnoOf(() => disk.open(at('file'), 'create-new'))).toBe('EEXIST');
      expect(readFrom(disk.open(at('file'), 'create-or-open'))).toBe('content');
      expect(readFrom(disk.open(at('file'), 'create-or-empty'))).toBe('');
      expect(readFrom(disk.open(at('other'), 'read-write'))).toBe('other');
      for (const mode of ['create-new', 'create-or-open', 'create-or-empty'] as const)
        expect(readFrom(disk.open(at(mode), mode))).toBe('');
      expect(disk.list(root).sort()).toEqual(
        ['create-new', 'create-or-empty', 'create-or-open', 'directory', 'file', 'other'].sort(),
      );
    });

    it('makes nothing where there is no directory', () => {
      const acts: ((path: string) => unknown)[] = [
        (path) => disk.open(path, 'create-or-open'),
        (path) => disk.open(path, 'create-new'),
        (path) => disk.open(path, 'read'),
        (path) => {
          disk.makeDirectory(path);
        },
        (path) => {
          disk.link(at('file'), path);
        },
        (path) => {
          disk.rename(at('file'), path);
        },
        (path) => {
          disk.copy(at('file'), path);
        },
        (path) => disk.list(path),
        (path) => {
          disk.remove(path);
        },
        (path) => {
          disk.removeDirectory(path);
        },
      ];
      for (const act of acts) {
        expect(errnoOf(() => act(at('missing', 'name')))).toBe('ENOENT');
        expect(errnoOf(() => act(at('file', 'name')))).toBe('ENOTDIR');
      }
      expect(get(at('file'))).toBe('content');
    });

    it('reads and writes at positions, with zeros in between, and nothing behind the end', () => {
      const fd = disk.open(at('holes'), 'create-new');
      expect(disk.write(fd, Buffer.from('end'), 5_000)).toBe(3);
      expect(disk.write(fd, Buffer.from('begin'), 0)).toBe(5);
      expect(disk.write(fd, Buffer.alloc(0), 9_000)).toBe(0);
      const into = Buffer.alloc(10, '.');
      expect(disk.read(fd, into, 4_998)).toBe(5);
      expect(into.toString('latin1')).toBe('\0\0end.....');
      expect(disk.read(fd, into, 5_003)).toBe(0);
      expect(disk.read(fd, into.subarray(0, 3), 1)).toBe(3);
      expect(into.toString('latin1', 0, 3)).toBe('egi');
      expect(disk.statusOf(fd)).toMatchObject({ sizeBytes: 5_003, isDirectory: false });
    });

    it('refuses descriptors that are closed, or not open for that', () => {
      const fd = disk.open(at('file'), 'read');
      expect(errnoOf(() => disk.write(fd, Buffer.from('x'), 0))).toBe('EBADF');
      disk.sync(fd);
      disk.close(fd);
      const into = Buffer.alloc(1);
      const acts = [
        () => disk.read(fd, into, 0),
        () => disk.write(fd, into, 0),
        () => {
          disk.sync(fd);
        },
        () => disk.statusOf(fd),
        () => {
          disk.close(fd);
        },
      ];
      expect(acts.map(errnoOf)).toEqual(acts.map(() => 'EBADF'));
    });

    it('rejects what is asked for later of a closed descriptor', async () => {
      const fd = disk.open(at('file'), 'read-write');
      disk.close(fd);
      await expect(disk.writeLater(fd, [Buffer.from('x')], 0)).rejects.toMatchObject({ code: 'EBADF' });
      await expect(disk.syncLater(fd)).rejects.toMatchObject({ code: 'EBADF' });
    });

    it('writes and syncs later as it does at once', async () => {
      const fd = disk.open(at('later'), 'create-new');
      expect(await disk.writeLater(fd, [Buffer.from('la'), Buffer.from('ter')], 2)).toBe(5);
      await Promise.all([disk.syncLater(fd), disk.writeLater(fd, [Buffer.from('at')], 0)]);
      expect(readFrom(fd)).toBe('atlater');
    });

    it('lets a directory be opened, synced and asked for its status, not read or written', async () => {
      const fd = disk.open(at('directory'), 'read');
      disk.sync(fd);
      await disk.syncLater(fd);
      expect(disk.statusOf(fd)).toMatchObject({ isDirectory: true });
      expect(errnoOf(() => disk.read(fd, Buffer.alloc(1), 0))).toBe('EISDIR');
      for (const mode of ['read-write', 'create-or-open', 'create-or-empty'] as const)
        expect(errnoOf(() => disk.open(at('directory'), mode))).toBe('EISDIR');
      expect(errnoOf(() => disk.open(at('directory'), 'create-new'))).toBe('EEXIST');
    });

    it('tells the status of what is there, and none of what is missing', () => {
      expect(disk.status(at('missing'))).toBeUndefined();
      expect(disk.status(at('missing', 'name'))).toBeUndefined();
      expect(errnoOf(() => disk.status(at('file', 'name')))).toBe('ENOTDIR');
      expect(disk.status(at('directory'))).toMatchObject({ isDirectory: true, isFile: false });
      expect(disk.status(at('file'))).toMatchObject({ isDirectory: false, isFile: true, links: 1, sizeBytes: 7 });
      expect(disk.status(at('file'))?.inode).not.toBe(disk.status(at('directory'))?.inode);
    });

    it('makes and removes directories, empty ones only', () => {
      expect(
        errnoOf(() => {
          disk.makeDirectory(at('directory'));
        }),
      ).toBe('EEXIST');
      expect(
        errnoOf(() => {
          disk.makeDirectory(at('file'));
        }),
      ).toBe('EEXIST');
      expect(
        errnoOf(() => {
          disk.removeDirectory(at('file'));
        }),
      ).toBe('ENOTDIR');
      put(at('directory', 'inner'));
      expect(
        errnoOf(() => {
          disk.removeDirectory(at('directory'));
        }),
      ).toBe('ENOTEMPTY');
      disk.remove(at('directory', 'inner'));
      disk.removeDirectory(at('directory'));
      expect(disk.list(root)).toEqual(['file']);
      expect(errnoOf(() => disk.list(at('file')))).toBe('ENOTDIR');
    });

    it('renames over a file that is there, and keeps what was open of either', () => {
      put(at('new'), 'new content');
      const [old, renamed] = [disk.open(at('file'), 'read'), disk.open(at('new'), 'read-write')];
      disk.rename(at('new'), at('file'));
      expect(disk.list(root).sort()).toEqual(['directory', 'file']);
      expect(get(at('file'))).toBe('new content');
      expect(readFrom(old)).toBe('content');
      disk.write(renamed, Buffer.from('NEW'), 0);
      expect(get(at('file'))).toBe('NEW content');
      expect(disk.statusOf(renamed).inode).toBe(disk.status(at('file'))?.inode);
    });

    it('renames between directories, and no file over a directory or the other way round', () => {
      disk.rename(at('file'), at('directory', 'moved'));
      expect(get(at('directory', 'moved'))).toBe('content');
      put(at('file'));
      disk.makeDirectory(at('empty'));
      const rename = (from: string, to: string) =>
        errnoOf(() => {
          disk.rename(at(from), at(to));
        });
      expect(rename('missing', 'file')).toBe('ENOENT');
      expect(rename('file', 'directory')).toBe('EISDIR');
      expect(rename('directory', 'file')).toBe('ENOTDIR');
      expect(rename('empty', 'directory')).toBe('ENOTEMPTY');
      expect(rename('directory', 'directory/inner')).toBe('EINVAL');
      expect(rename('directory', 'empty')).toBeUndefined();
      expect(disk.list(at('empty'))).toEqual(['moved']);
    });

    it('gives a file a second name, which is as good as the first', () => {
      disk.link(at('file'), at('second'));
      expect(disk.status(at('second'))?.inode).toBe(disk.status(at('file'))?.inode);
      expect(disk.status(at('second'))?.links).toBe(2);
      expect(
        errnoOf(() => {
          disk.link(at('file'), at('second'));
        }),
      ).toBe('EEXIST');
      expect(
        errnoOf(() => {
          disk.link(at('missing'), at('third'));
        }),
      ).toBe('ENOENT');
      expect(
        errnoOf(() => {
          disk.link(at('directory'), at('third'));
        }),
      ).toBe('EPERM');
      disk.rename(at('file'), at('second'));
      expect(disk.list(root).sort()).toEqual(['directory', 'file', 'second']);
      disk.remove(at('file'));
      expect(get(at('second'))).toBe('content');
      expect(disk.status(at('second'))?.links).toBe(1);
    });

    it('removes a name, while what is open of the file goes on', () => {
      const fd = disk.open(at('file'), 'read-write');
      disk.remove(at('file'));
      expect(disk.status(at('file'))).toBeUndefined();
      expect(disk.statusOf(fd).links).toBe(0);
      expect(
        errnoOf(() => {
          disk.remove(at('file'));
        }),
      ).toBe('ENOENT');
      expect(
        errnoOf(() => {
          disk.remove(at('directory'));
        }),
      ).toBe('EISDIR');
      disk.write(fd, Buffer.from('!'), 7);
      disk.sync(fd);
      expect(readFrom(fd)).toBe('content!');
      put(at('file'), 'another');
      expect(readFrom(fd)).toBe('content!');
      expect(disk.statusOf(fd).inode).not.toBe(disk.status(at('file'))?.inode);
    });

    it('copies a file, in the place of what was there, and the copy is a file of its own', () => {
      put(at('copy'), 'much longer content');
      const old = disk.open(at('copy'), 'read');
      disk.copy(at('file'), at('copy'));
      expect(get(at('copy'))).toBe('content');
      expect(readFrom(old)).toBe('much longer content');
      put(at('file'), 'changed');
      expect(get(at('copy'))).toBe('content');
      expect(
        errnoOf(() => {
          disk.copy(at('file'), at('directory'));
        }),
      ).toBe('EISDIR');
      expect(
        errnoOf(() => {
          disk.copy(at('missing'), at('copy'));
        }),
      ).toBe('ENOENT');
      expect(disk.status(at('copy'))).toBeUndefined();
    });

    it('locks an open file against all others, until it is closed', () => {
      const [mine, other] = [disk.open(at('file'), 'read-write'), disk.open(at('file'), 'read')];
      expect([disk.lock(mine), disk.lock(mine), disk.lock(other)]).toEqual([true, true, false]);
      disk.close(mine);
      expect(disk.lock(other)).toBe(true);
      expect(disk.lock(disk.open(at('directory'), 'read'))).toBe(true);
    });

    it('locks the file, not its name', () => {
      const mine = disk.open(at('file'), 'read-write');
      expect(disk.lock(mine)).toBe(true);
      disk.rename(at('file'), at('renamed'));
      expect(disk.lock(disk.open(at('renamed'), 'read'))).toBe(false);
      expect(disk.lock(disk.open(at('file'), 'create-new'))).toBe(true);
    });
  });
}
