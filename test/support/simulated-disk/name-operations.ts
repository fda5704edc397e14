/**
 * What is done to names, with the errors that Linux has for it.
 */
import type { OpenMode } from '#support/disk.ts';
import { entryAt } from './file-tree.ts';
import type { SimulatedDirectory, SimulatedNode } from './file-tree.ts';
import type { SimulatedFile } from './simulated-file.ts';
import type { SimulatedMachine } from './simulated-machine.ts';
import { systemError } from './system-error.ts';

/** Finds or makes what is to be opened. */
export function nodeToOpen(machine: SimulatedMachine, path: string, mode: OpenMode): SimulatedNode {
  const found = machine.tree.find(path);
  if (!found) return mode === 'read' || mode === 'read-write' ? systemError('ENOENT', path) : made(machine, path);
  if (mode === 'create-new') return systemError('EEXIST', path);
  if (found.kind === 'directory') return mode === 'read' ? found : systemError('EISDIR', path);
  if (mode === 'create-or-empty') machine.empty(found);
  return found;
}

function made(machine: SimulatedMachine, path: string): SimulatedFile {
  const file = machine.newFile();
  machine.put(file, machine.tree.placeOf(path));
  return file;
}

export function list(machine: SimulatedMachine, path: string): string[] {
  const node = machine.tree.existing(path);
  return node.kind === 'directory' ? [...node.entries.keys()] : systemError('ENOTDIR', path);
}

export function makeDirectory(machine: SimulatedMachine, path: string): void {
  if (machine.tree.find(path)) systemError('EEXIST', path);
  machine.put(machine.newDirectory(), machine.tree.placeOf(path));
}

export function removeDirectory(machine: SimulatedMachine, path: string): void {
  const node = machine.tree.existing(path);
  if (node.kind !== 'directory') return systemError('ENOTDIR', path);
  if (node.entries.size > 0) systemError('ENOTEMPTY', path);
  machine.take(node, machine.tree.placeOf(path));
}

export function rename(machine: SimulatedMachine, from: string, to: string): void {
  const node = machine.tree.existing(from);
  const [takes, puts] = [machine.tree.placeOf(from), machine.tree.placeOf(to)];
  if (node.kind === 'directory' && isWithin(node, puts.directory)) systemError('EINVAL', to);
  const replaced = entryAt(puts);
  if (replaced === node) return; // two names of one file: both stay
  if (replaced) refuseToReplace(replaced, node, to);
  machine.put(node, puts, takes);
}

function isWithin(directory: SimulatedDirectory, inner: SimulatedDirectory): boolean {
  if (directory === inner) return true;
  return [...directory.entries.values()].some((node) => node.kind === 'directory' && isWithin(node, inner));
}

function refuseToReplace(replaced: SimulatedNode, node: SimulatedNode, path: string): void {
  if (replaced.kind === 'file') return node.kind === 'directory' ? systemError('ENOTDIR', path) : undefined;
  if (node.kind === 'file') systemError('EISDIR', path);
  if (replaced.entries.size > 0) systemError('ENOTEMPTY', path);
}

export function link(machine: SimulatedMachine, from: string, to: string): void {
  const node = machine.tree.existing(from);
  const puts = machine.tree.placeOf(to);
  if (entryAt(puts)) systemError('EEXIST', to);
  if (node.kind === 'directory') systemError('EPERM', from);
  machine.put(node, puts);
}

export function remove(machine: SimulatedMachine, path: string): void {
  const node = machine.tree.existing(path);
  if (node.kind === 'directory') systemError('EISDIR', path);
  machine.take(node, machine.tree.placeOf(path));
}

export function copy(machine: SimulatedMachine, from: string, to: string): void {
  const replaced = machine.tree.find(to);
  if (replaced) remove(machine, to);
  const original = machine.tree.existing(from);
  if (original.kind === 'directory') return systemError('EISDIR', from);
  const file = made(machine, to);
  const bytes = original.content.bytes();
  if (machine.write(file, bytes, 0) === bytes.length) return;
  remove(machine, to);
  systemError('ENOSPC', to);
}
