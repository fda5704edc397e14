/**
 * The disk as a loss of power can leave it, one of the many ways: `random` chooses.
 *
 * What was synced is there. Of what was not, each sector has any of the contents that it had since, each name any of the files, in
 * whatever order they were written: no file system is trusted to keep order. A rename takes place as a whole or not at all.
 */
import type { SeededRandom } from '../seeded-random.ts';
import { SimulatedMachine } from './simulated-machine.ts';
import type { NameChange, SimulatedDirectory, SimulatedNode } from './file-tree.ts';
import { contentAfterPowerLoss } from './content-after-power-loss.ts';
import type { SimulatedFile } from './simulated-file.ts';

type Names = Map<string, SimulatedNode>;

export function machineAfterPowerLoss(before: SimulatedMachine, random: SeededRandom): SimulatedMachine {
  const { clock, faults, capacityBytes } = before;
  const after = new SimulatedMachine({ clock, faults, capacityBytes });
  const names = namesAfterPowerLoss(before, random);
  const files = new Map<SimulatedFile, SimulatedFile>();
  const fill = (from: SimulatedDirectory, into: SimulatedDirectory): void => {
    for (const [name, node] of names(from)) into.entries.set(name, copyOf(node));
    for (const [name, node] of into.entries) into.durable.set(name, node);
  };
  const copyOf = (node: SimulatedNode): SimulatedNode => {
    if (node.kind === 'directory') {
      const directory = after.newDirectory(node.modifiedMs);
      fill(node, directory);
      return directory;
    }
    const file = files.get(node) ?? fileAfterPowerLoss(after, node, random);
    files.set(node, file);
    file.names += 1;
    return file;
  };
  fill(before.tree.root, after.tree.root);
  return after;
}

function fileAfterPowerLoss(after: SimulatedMachine, file: SimulatedFile, random: SeededRandom): SimulatedFile {
  const left = after.newFile(file.modifiedMs);
  left.write(contentAfterPowerLoss(file, random), 0);
  left.sync();
  after.account(left);
  return left;
}

/** What each directory holds then. */
function namesAfterPowerLoss(before: SimulatedMachine, random: SeededRandom): (of: SimulatedDirectory) => Names {
  const changed = new Map<SimulatedDirectory, Names>();
  const namesOf = (directory: SimulatedDirectory): Names => {
    const names = changed.get(directory) ?? new Map(directory.durable);
    changed.set(directory, names);
    return names;
  };
  for (const { node, takes, puts } of changesThatLast(before.tree.unsynced, random)) {
    if (takes) namesOf(takes.directory).delete(takes.name);
    if (puts) namesOf(puts.directory).set(puts.name, node);
  }
  return namesOf;
}

/** Of the renames of one file the later ones need the earlier: otherwise it would have two names that it never had at once. */
function changesThatLast(changes: readonly NameChange[], random: SeededRandom): NameChange[] {
  const isKept = chooser(random);
  const stays = new Set<SimulatedNode>();
  return changes.filter((change) => {
    const isRename = change.takes !== undefined && change.puts !== undefined;
    const lasts = isKept() && !(isRename && stays.has(change.node));
    if (isRename && !lasts) stays.add(change.node);
    return lasts;
  });
}

/** Everything, nothing, and nearly so are as likely as any mixture: mistakes are found there. */
function chooser(random: SeededRandom): () => boolean {
  const percent = random.pick([0, 10, 50, 50, 90, 100]);
  return () => random.below(100) < percent;
}
