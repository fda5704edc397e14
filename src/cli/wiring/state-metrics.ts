/**
 * The figures of the state directory for Prometheus: on standard output, or in a file for the textfile collector of node_exporter.
 *
 * What cannot be read is said in the metrics and ends nothing. Problems: state-directory-missing, file-not-written.
 */
import { readFigures } from '#pipeline/status/read-figures.ts';
import { writeFileForAll } from '#support/file-for-all.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { Store } from '#store/store.ts';
import { usageError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { configuredSources } from '#cli/arguments/source-address.ts';
import { asOwner } from './owner.ts';
import { requireExisting, statePathOf } from './state.ts';

const STANDARD_OUTPUT = '-';

export async function writeStateMetrics(file: string, invocation: Invocation): Promise<void> {
  const isFile = file !== STANDARD_OUTPUT;
  if (isFile && !file.endsWith('.prom'))
    throw usageError(`--prometheus ${file} must end in .prom: node_exporter reads no other files. "-" prints instead.`);
  const text = await stateMetrics(invocation);
  if (isFile) writeTextFile(file, text);
  else invocation.print(text);
}

/** Read as the owner of the state directory, and written as whoever runs this: root alone may write to node_exporter's directory. */
async function stateMetrics(invocation: Invocation): Promise<string> {
  const path = statePathOf(invocation);
  const sources = configuredSources(invocation).map(({ name }) => name);
  const store = requireExisting(await Store.open(path));
  const figures = asOwner(path, () => readFigures({ store, sources, nowMs: invocation.clock.nowMs() }));
  const { formatMetrics } = await import('#web/metrics/format-metrics.ts'); // with the client library of Prometheus
  return formatMetrics(figures);
}

function writeTextFile(file: string, text: string): void {
  try {
    writeFileForAll(file, text);
  } catch (error) {
    throw new Problem(
      'file-not-written',
      `${file} cannot be written: ${messageOf(error)}. Let the user that runs this write to its directory.`,
    );
  }
}
