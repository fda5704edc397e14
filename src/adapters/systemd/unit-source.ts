/**
 * Which file a service of systemd comes from, and what it runs.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import type { UnitSource } from '#pipeline/doctor/judge-units.ts';
import { readProperties } from './systemctl.ts';

/** As systemd has it, with whatever a drop-in has changed; undefined when there is no such service. */
export function readUnitSource(service: string): UnitSource | undefined {
  const { property } = readProperties(service, ['FragmentPath', 'ExecStart']);
  const file = property('FragmentPath');
  const [, executable] = /^\{ path=(\S+) ;/.exec(property('ExecStart')) ?? [];
  return executable === undefined || file === '' ? undefined : { file, executable };
}

/** As the file has it; undefined when there is none. */
export function unitSourceIn(file: string): UnitSource | undefined {
  if (!existsSync(file)) return undefined;
  const [, executable] = /^ExecStart=(\S+)/m.exec(readFileSync(file, 'utf8')) ?? [];
  return executable === undefined ? undefined : { file: realpathSync(file), executable };
}
