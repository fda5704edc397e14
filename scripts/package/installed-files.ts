/**
 * What is installed besides the configuration: the same files in the Debian package, below /usr, and in the tarball, below its PREFIX.
 */
import { readFileSync } from 'node:fs';
import { bashCompletion, fishCompletion, zshCompletion } from './completions.ts';
import { engineDashboard } from './engine-dashboard.ts';
import { manualPages } from './manual-pages.ts';
import type { Edition } from './manual-pages.ts';
import type { Entry } from './tar.ts';
import { unitsFor } from './units.ts';

/** The lines up to this one look for a Node.js; see scripts/build.mjs. */
const LAST_FOR_SHELL = 'exec node "$0" "$@"';

export interface Place {
  /** The executable, where units name it. */
  readonly executable: string;
  /** The Node.js that its first line names, where it is sure to be there; undefined where that is found out as it starts. */
  readonly node: string | undefined;
  /** Of zsh and fish, which look for what distributions install elsewhere. */
  readonly completions: { readonly zsh: string; readonly fish: string };
}

export function file(path: string, content: string | Uint8Array, mode = 0o644): Entry {
  return { path, mode, content: Buffer.from(content) };
}

/** One of those beside this module. */
export function ownFile(name: string): Buffer {
  return readFileSync(new URL(`files/${name}`, import.meta.url));
}

export function installedFiles(edition: Edition, { executable, node, completions }: Place): Entry[] {
  return [
    file('bin/tlsrpt', executableRunBy(node), 0o755),
    ...unitsFor(executable).map(({ name, text }) => file(`lib/systemd/system/${name}`, text)),
    file('lib/sysusers.d/tlsrpt.conf', ownFile('sysusers.conf')),
    file('lib/tmpfiles.d/tlsrpt.conf', ownFile('tmpfiles.conf')),
    file('lib/sysctl.d/60-tlsrpt.conf', ownFile('sysctl.conf')),
    ...manualPages(edition).map(({ name, text }) => file(`share/man/man${name.slice(-1)}/${name}`, text)),
    file('share/bash-completion/completions/tlsrpt', bashCompletion()),
    file('share/tlsrpt/prometheus-rules.yml', ownFile('prometheus-rules.yml')),
    file('share/tlsrpt/grafana-dashboard.json', ownFile('grafana-dashboard.json')),
    file('share/tlsrpt/opensearch-dashboard.ndjson', engineDashboard()),
    file(`share/${completions.zsh}/_tlsrpt`, zshCompletion()),
    file(`share/${completions.fish}/tlsrpt.fish`, fishCompletion()),
  ];
}

function executableRunBy(node: string | undefined): Buffer {
  const built = readFileSync('dist/tlsrpt');
  if (node === undefined) return built;
  return Buffer.concat([Buffer.from(`#!${node}`), built.subarray(built.indexOf('\n', built.indexOf(LAST_FOR_SHELL)))]);
}
