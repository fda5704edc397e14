/**
 * A disk in memory, as one process sees it, that knows what is durable: content that a sync of the file has written, names that a sync of
 * their directory has.
 *
 * `kill` ends the process, `losePower` the machine; each returns the disk as whoever comes next finds it, and the dead get nothing done
 * any more. `faults` makes calls go wrong, `heldWrites` and `heldSyncs` make them take long. Passes the contract suite of Disk.
 */
import type { Disk, FileStatus, OpenMode } from '#support/disk.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { DiskFaults } from './simulated-disk/disk-faults.ts';
import type { SimulatedNode } from './simulated-disk/file-tree.ts';
import type { HeldCalls } from './simulated-disk/held-calls.ts';
import * as names from './simulated-disk/name-operations.ts';
import { machineAfterPowerLoss } from './simulated-disk/power-loss.ts';
import { SimulatedMachine } from './simulated-disk/simulated-machine.ts';
import type { SimulatedMachineOptions } from './simulated-disk/simulated-machine.ts';
import { SimulatedProcess, fileOf } from './simulated-disk/simulated-process.ts';

export class SimulatedDisk implements Disk {
  readonly #machine: SimulatedMachine;
  readonly #process: SimulatedProcess;

  constructor(machine: SimulatedMachine | SimulatedMachineOptions = {}) {
    this.#machine = machine instanceof SimulatedMachine ? machine : new SimulatedMachine(machine);
    this.#process = new SimulatedProcess(this.#machine);
  }

  get faults(): DiskFaults {
    return this.#machine.faults;
  }

  get heldWrites(): HeldCalls {
    return this.#machine.heldWrites;
  }

  get heldSyncs(): HeldCalls {
    return this.#machine.heldSyncs;
  }

  set capacityBytes(bytes: number) {
    this.#machine.capacityBytes = bytes;
  }

  get usedBytes(): number {
    return this.#machine.usedBytes;
  }

  /** The same files, for a process that runs beside this one. */
  forAnotherProcess(): SimulatedDisk {
    return new SimulatedDisk(this.#machine);
  }

  /** The process dies: its descriptors and locks end, and all that it wrote stays. */
  kill(): SimulatedDisk {
    this.#process.kill();
    return this.forAnotherProcess();
  }

  /** All processes die, and the machine is started again. */
  losePower(random: SeededRandom): SimulatedDisk {
    this.#machine.isOff = true;
    return this.afterPowerLoss(random);
  }

  /** What a loss of power at this moment can leave, while this disk goes on. */
  afterPowerLoss(random: SeededRandom): SimulatedDisk {
    return new SimulatedDisk(machineAfterPowerLoss(this.#machine, random));
  }

  open(path: string, mode: OpenMode): number {
    return this.#process.call('open', path, () => {
      const node = names.nodeToOpen(this.#machine, path, mode);
      return this.#process.open(node, path, mode !== 'read');
    });
  }

  /** As with Linux, the descriptor is gone also when closing fails. */
  close(fd: number): void {
    const { path } = this.#process.opened(fd);
    this.#process.close(fd);
    this.#process.call('close', path, () => undefined);
  }

  read(fd: number, into: Uint8Array, position: number): number {
    const { node, path } = this.#process.opened(fd);
    return this.#process.call('read', path, () => fileOf(node, path).content.read(into, position));
  }

  write(fd: number, bytes: Uint8Array, position: number): number {
    const { path } = this.#process.opened(fd);
    return this.#process.write(fd, bytes, { position, fault: this.#process.fault('write', path) });
  }

  sync(fd: number): void {
    const opened = this.#process.opened(fd);
    this.#process.endSync(opened, this.#process.beginSync(opened, 'sync'));
  }

  status(path: string): FileStatus | undefined {
    return this.#process.call('status', path, () => {
      const node = this.#machine.tree.findOrMissing(path);
      return node && statusOf(node);
    });
  }

  statusOf(fd: number): FileStatus {
    const { node, path } = this.#process.opened(fd);
    return this.#process.call('statusOf', path, () => statusOf(node));
  }

  list(path: string): string[] {
    return this.#process.call('list', path, () => names.list(this.#machine, path));
  }

  makeDirectory(path: string): void {
    this.#process.call('makeDirectory', path, () => {
      names.makeDirectory(this.#machine, path);
    });
  }

  removeDirectory(path: string): void {
    this.#process.call('removeDirectory', path, () => {
      names.removeDirectory(this.#machine, path);
    });
  }

  rename(from: string, to: string): void {
    this.#process.call('rename', to, () => {
      names.rename(this.#machine, from, to);
    });
  }

  link(from: string, to: string): void {
    this.#process.call('link', to, () => {
      names.link(this.#machine, from, to);
    });
  }

  remove(path: string): void {
    this.#process.call('remove', path, () => {
      names.remove(this.#machine, path);
    });
  }

  copy(from: string, to: string): void {
    this.#process.call('copy', to, () => {
      names.copy(this.#machine, from, to);
    });
  }

  lock(fd: number): boolean {
    const opened = this.#process.opened(fd);
    return this.#process.call('lock', opened.path, () => {
      const holder = this.#machine.locks.get(opened.node) ?? opened;
      this.#machine.locks.set(opened.node, holder);
      return holder === opened;
    });
  }

  /** Takes the bytes as they are when its turn comes, which may be later than the call. */
  async writeLater(fd: number, pieces: readonly Uint8Array[], position: number): Promise<number> {
    const fault = this.#process.fault('writeLater', this.#process.opened(fd).path);
    await this.#process.turn(this.heldWrites);
    return this.#process.write(fd, Buffer.concat(pieces), { position, fault });
  }

  async syncLater(fd: number): Promise<void> {
    const opened = this.#process.opened(fd);
    const begun = this.#process.beginSync(opened, 'syncLater');
    await this.#process.turn(this.heldSyncs);
    this.#process.endSync(opened, begun);
  }
}

function statusOf(node: SimulatedNode): FileStatus {
  return {
    isDirectory: node.kind === 'directory',
    isFile: node.kind === 'file',
    links: node.kind === 'file' ? node.names : 1,
    sizeBytes: node.kind === 'file' ? node.content.length : 0,
    inode: node.inode,
    modifiedMs: node.modifiedMs,
  };
}
