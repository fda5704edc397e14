/**
 * Configuration files of sys4's programs, and what ours makes of them.
 */
import { loadSettings } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { importSys4 } from '#sys4/configuration/import-sys4.ts';
import type { ForeignFile, ImportResult } from '#sys4/configuration/import-sys4.ts';

type Imported = Extract<ImportResult, { kind: 'imported' }>;

export function filesOf(contents: readonly string[]): ForeignFile[] {
  return contents.map((content, index) => ({ path: `file-${String(index + 1)}.cfg`, content: Buffer.from(content) }));
}

export function importOf(contents: readonly string[], environment: Readonly<Record<string, string>> = {}): Imported {
  const result = importSys4(filesOf(contents), environment);
  if (result.kind !== 'imported') throw new Error(JSON.stringify(result));
  return result;
}

export function tomlOf(...contents: readonly string[]): string {
  return importOf(contents).toml;
}

export function loaded(toml: string): Settings {
  const result = loadSettings({ file: { path: 'tlsrpt.toml', content: toml }, environment: {}, flags: {} });
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

export function settingsFrom(...contents: readonly string[]): Settings {
  return loaded(tomlOf(...contents));
}

export function reportd(...lines: readonly string[]): string {
  return `[tlsrpt_reportd]\n${lines.join('\n')}\n`;
}

export const COLLECTD = `
# /etc/tlsrpt/collectd.cfg
[tlsrpt_collectd]
storage = sqlite:///var/lib/tlsrpt/collectd.sqlite
socketname = /run/tlsrpt/collectd.socket
socketuser = tlsrpt
socketgroup = postfix
socketmode = 0220
sockettimeout = 5
max_uncommited_datagrams = 1000
daily_rollover_script =
dump_path_for_invalid_datagram = /var/lib/tlsrpt/invalid
`;
