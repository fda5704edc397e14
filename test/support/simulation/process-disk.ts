/**
 * The disk of one simulated process, which may die within any of its calls and whose calls fail as planned.
 *
 * What the dead ask for fails like a broken disk, or never comes back; nothing of it reaches the files.
 */
import type { Disk, OpenMode } from '#support/disk.ts';
import { errnoOf } from '#support/problem.ts';
import type { SimulatedDisk } from '../simulated-disk.ts';
import type { DiskCall, DiskFault } from '../simulated-disk/disk-faults.ts';
import { systemError } from '../simulated-disk/system-error.ts';

/** Asked before each call. `die`: the process ends before it is made. */
export type CallPlan = (call: DiskCall, path: string) => DiskFault | 'die' | undefined;

export interface ProcessDiskOptions {
  readonly disk: SimulatedDisk;
  readonly plan: CallPlan;
  /** A call was refused, or did less than it said, on the file of that path. */
  readonly refused: (call: DiskCall, path: string, fault: DiskFault) => void;
  readonly died: () => void;
  /** Called before a file is removed; what it returns is called afterwards. */
  readonly removing: (path: string) => () => void;
}

/** What is no trouble of the disk: a file is there or not. */
const ORDINARY = ['ENOENT', 'EEXIST'];

export class ProcessDisk implements Disk {
  readonly #options: ProcessDiskOptions;
  readonly #paths = new Map<number, string>();
  #isDead = false;

  constructor(options: ProcessDiskOptions) {
    this.#options = options;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#options.disk.kill();
    this.#options.died();
  }

  open(path: string, mode: OpenMode): number {
    const fd = this.#call('open', path, (disk) => disk.open(path, mode));
    this.#paths.set(fd, path);
    return fd;
  }

  close(fd: number): void {
    if (this.#isDead) return;
    this.#call('close', this.#path(fd), (disk) => {
      disk.close(fd);
    });
  }

  read(fd: number, into: Uint8Array, position: number): number {
    return this.#call('read', this.#path(fd), (disk) => disk.read(fd, into, position));
  }

  write(fd: number, bytes: Uint8Array, position: number): number {
    return this.#call('write', this.#path(fd), (disk) => disk.write(fd, bytes, position));
  }

  sync(fd: number): void {
    this.#call('sync', this.#path(fd), (disk) => {
      disk.sync(fd);
    });
  }

  status(path: string): ReturnType<Disk['status']> {
    return this.#call('status', path, (disk) => disk.status(path));
  }

  statusOf(fd: number): ReturnType<Disk['statusOf']> {
    return this.#call('statusOf', this.#path(fd), (disk) => disk.statusOf(fd));
  }

  list(path: string): string[] {
    return this.#call('list', path, (disk) => disk.list(path));
  }

  makeDirectory(path: string): void {
    this.#call('makeDirectory', path, (disk) => {
      disk.makeDirectory(path);
    });
  }

  removeDirectory(path: string): void {
    this.#call('removeDirectory', path, (disk) => {
      disk.removeDirectory(path);
    });
  }

  rename(from: string, to: string): void {
    this.#call('rename', to, (disk) => {
      disk.rename(from, to);
    });
  }

  link(from: string, to: string): void {
    this.#call('link', to, (disk) => {
      disk.link(from, to);
    });
  }

  remove(path: string): void {
    this.#call('remove', path, (disk) => {
      const removed = this.#options.removing(path);
      disk.remove(path);
      removed();
    });
  }

  copy(from: string, to: string): void {
    this.#call('copy', to, (disk) => {
      disk.copy(from, to);
    });
  }

  lock(fd: number): boolean {
    return this.#call('lock', this.#path(fd), (disk) => disk.lock(fd));
  }

  writeLater(fd: number, pieces: readonly Uint8Array[], position: number): Promise<number> {
    return this.#callLater('writeLater', fd, (disk) => disk.writeLater(fd, pieces, position));
  }

  syncLater(fd: number): Promise<void> {
    return this.#callLater('syncLater', fd, (disk) => disk.syncLater(fd));
  }

  #path(fd: number): string {
    return this.#paths.get(fd) ?? '';
  }

  #call<T>(call: DiskCall, path: string, act: (disk: SimulatedDisk) => T): T {
    const { disk } = this.#options;
    this.#arrange(call, path);
    if (this.#isDead) return systemError('EIO', path);
    try {
      return act(disk);
    } catch (error) {
      this.#note(call, path, error);
      throw error;
    }
  }

  async #callLater<T>(call: DiskCall, fd: number, act: (disk: SimulatedDisk) => Promise<T>): Promise<T> {
    const path = this.#path(fd);
    this.#arrange(call, path);
    if (this.#isDead) return new Promise<T>(() => undefined);
    try {
      return await act(this.#options.disk);
    } catch (error) {
      if (this.isDead) return new Promise<T>(() => undefined);
      this.#note(call, path, error);
      throw error;
    }
  }

  #arrange(call: DiskCall, path: string): void {
    if (this.#isDead) return;
    const planned = this.#options.plan(call, path);
    if (planned === 'die') this.die();
    else if (planned) this.#fail(call, path, planned);
  }

  #fail(call: DiskCall, path: string, fault: DiskFault): void {
    this.#options.disk.faults.failNext(call, fault);
    if (fault.errno !== undefined || fault.unsynced !== undefined) this.#options.refused(call, path, fault);
  }

  #note(call: DiskCall, path: string, error: unknown): void {
    const errno = errnoOf(error);
    if (errno === undefined || ORDINARY.includes(errno)) return;
    this.#options.refused(call, path, { errno });
  }
}
