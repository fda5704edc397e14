/**
 * Whether what the Debian package has installed is what runs: systemd takes units of /etc and of /usr/local before its own, and those of the tarball are there.
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface UnitSource {
  readonly file: string;
  /** What it runs. */
  readonly executable: string;
}

export interface UnitFacts {
  readonly service: string;
  /** Undefined when systemd knows no such service. */
  readonly used: UnitSource | undefined;
  /** Undefined where the package is not installed. */
  readonly packaged: UnitSource | undefined;
}

/** A copy of the package's unit that somebody has changed is no trouble: it runs what the package brings. */
export function judgeUnits({ service, used, packaged }: UnitFacts): Finding[] {
  if (!used || !packaged || used.file === packaged.file || used.executable === packaged.executable) return [];
  return [
    findingsOf('units').warning(
      `${service} is ${used.file} and runs ${used.executable}: ${packaged.executable}, which the package brings, does not run, and upgrades of the package change nothing.`,
      'install --remove of the tarball, with the PREFIX that it was installed with, lets the units of the package run',
    ),
  ];
}
