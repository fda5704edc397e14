/**
 * What the processes of a simulated machine share: its files, its page cache, its clock, and the room on its disk.
 */
import type { Clock } from '#support/clock.ts';
import { DiskFaults } from './disk-faults.ts';
import { entryAt, FileTree, SimulatedDirectory } from './file-tree.ts';
import type { Place, SimulatedNode } from './file-tree.ts';
import { HeldCalls } from './held-calls.ts';
import { SimulatedFile } from './simulated-file.ts';
import { systemError } from './system-error.ts';

export interface SimulatedMachineOptions {
  readonly clock?: Clock;
  readonly capacityBytes?: number;
  /** Kept when the machine loses its power, so that a sweep can count on. */
  readonly faults?: DiskFaults;
}

/** As long as a process has it open. */
export interface OpenNode {
  readonly node: SimulatedNode;
  readonly path: string;
  readonly isWritable: boolean;
}

/** Far above those of the real process, so that a mix-up fails with EBADF. */
const FIRST_DESCRIPTOR = 1_000_000;

export class SimulatedMachine {
  readonly clock: Clock;
  readonly faults: DiskFaults;
  readonly heldWrites = new HeldCalls();
  readonly heldSyncs = new HeldCalls();
  readonly locks = new Map<SimulatedNode, OpenNode>();
  readonly tree: FileTree;
  capacityBytes: number;
  isOff = false;
  #usedBytes = 0;
  #inodes = 0;
  #descriptors = FIRST_DESCRIPTOR;

  constructor({ clock, capacityBytes, faults }: SimulatedMachineOptions = {}) {
    this.clock = clock ?? { nowMs: () => 0 };
    this.capacityBytes = capacityBytes ?? Infinity;
    this.faults = faults ?? new DiskFaults();
    this.tree = new FileTree(this.newDirectory());
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Never used again, so that a descriptor of a dead process is none of another. */
  nextDescriptor(): number {
    return this.#descriptors++;
  }

  newFile(modifiedMs = this.clock.nowMs()): SimulatedFile {
    return new SimulatedFile(++this.#inodes, modifiedMs);
  }

  newDirectory(modifiedMs = this.clock.nowMs()): SimulatedDirectory {
    return new SimulatedDirectory(++this.#inodes, modifiedMs);
  }

  /** Takes what there is room for. */
  write(file: SimulatedFile, bytes: Uint8Array, at: number): number {
    const free = Math.max(0, this.capacityBytes - this.#usedBytes);
    const taken = bytes.subarray(0, Math.max(0, file.content.length + free - at));
    if (taken.length === 0 && bytes.length > 0) return systemError('ENOSPC', `inode ${String(file.inode)}`);
    const before = file.content.length;
    file.write(taken, at);
    file.modifiedMs = this.clock.nowMs();
    this.#usedBytes += file.content.length - before;
    return taken.length;
  }

  empty(file: SimulatedFile): void {
    this.#usedBytes -= file.content.length;
    file.empty();
    file.modifiedMs = this.clock.nowMs();
  }

  /** Gives a new node, or one that has a name, this name in the place of whatever had it. */
  put(node: SimulatedNode, puts: Place, takes?: Place): void {
    const replaced = entryAt(puts);
    if (!replaced && !takes && this.#usedBytes >= this.capacityBytes) systemError('ENOSPC', puts.name);
    this.tree.change({ node, puts, ...(takes && { takes }) }, this.clock.nowMs());
    if (node.kind === 'file' && !takes) node.names += 1;
    if (replaced) this.#lostName(replaced);
  }

  take(node: SimulatedNode, takes: Place): void {
    this.tree.change({ node, takes }, this.clock.nowMs());
    this.#lostName(node);
  }

  closed(opened: OpenNode): void {
    if (this.locks.get(opened.node) === opened) this.locks.delete(opened.node);
    if (opened.node.kind === 'directory') return;
    opened.node.opened -= 1;
    this.#freeUnused(opened.node);
  }

  /** For files that were on the disk when the machine was started. */
  account(file: SimulatedFile): void {
    this.#usedBytes += file.content.length;
  }

  #lostName(node: SimulatedNode): void {
    if (node.kind === 'directory') return;
    node.names -= 1;
    this.#freeUnused(node);
  }

  #freeUnused(file: SimulatedFile): void {
    if (file.names === 0 && file.opened === 0) this.#usedBytes -= file.content.length;
  }
}
