/**
 * A host with Postfix, for one test: the commands of Postfix first in PATH, each a stand-in for what 3.10.13 was recorded to answer.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { scratchDirectory } from './scratch.ts';

const STAND_IN = fileURLToPath(new URL('postfix-stand-in.cjs', import.meta.url));
const COMMANDS = ['postconf', 'postmulti', 'postfix', 'postmap', 'id', 'systemctl', 'journalctl'];

export interface InstanceOptions {
  /** Lines of main.cf, besides that of queue_directory. */
  readonly mainCf?: readonly string[];
  /** What `postconf -F` and `-P` print; by default what Debian 13 has. */
  readonly services?: readonly string[];
  readonly overrides?: readonly string[];
  readonly isEnabled?: boolean;
  readonly isRunning?: boolean;
}

export class PostfixHost {
  readonly root = scratchDirectory();
  readonly primary: string;

  constructor(primary: InstanceOptions = {}) {
    writeFileSync(join(this.root, 'group'), execFileSync('id', ['-gn'], { encoding: 'utf8' }));
    writeCommands(join(this.root, 'bin'), this.root);
    this.primary = this.addInstance('postfix', primary);
    vi.stubEnv('PATH', `${join(this.root, 'bin')}:${process.env['PATH'] ?? ''}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
  }

  /** Returns its configuration directory. */
  addInstance(name: string, options: InstanceOptions = {}): string {
    const { mainCf = [], services, overrides, isEnabled = true, isRunning = true } = options;
    const directory = join(this.root, 'etc', name);
    mkdirSync(directory, { recursive: true });
    mkdirSync(this.queueDirectory(name), { recursive: true });
    write(join(directory, 'main.cf'), [`queue_directory = ${this.queueDirectory(name)}`, ...mainCf]);
    if (services) write(join(directory, 'services'), services);
    if (overrides) write(join(directory, 'overrides'), overrides);
    if (isRunning) write(join(directory, 'running'), []);
    const row = `${name === 'postfix' ? '-' : name}               -               ${isEnabled ? 'y' : 'n'}         ${directory}`;
    write(join(this.root, 'instances'), [...this.#lines('instances'), row]);
    return directory;
  }

  queueDirectory(name = 'postfix'): string {
    return join(this.root, 'spool', name);
  }

  mainCf(name = 'postfix'): string[] {
    return this.#lines(`etc/${name}/main.cf`).slice(1);
  }

  /** What postconf was told to change. */
  edits(): string[] {
    return this.#lines('edits');
  }

  reloads(name = 'postfix'): number {
    return this.#lines(`etc/${name}/running`).length;
  }

  /** What systemctl was told to do. */
  systemctlCalls(): string[] {
    return this.#lines('systemctl');
  }

  /** `unknown` parameters, lookup tables with `answers`, what systemd says of a `unit` or of that one, that it is `inactive` or its conditions `unmet`, and the `journal`, and what journalctl says besides. */
  set(
    what: 'unknown' | 'answers' | 'unit' | `unit-${string}` | 'inactive' | 'unmet' | 'journal' | 'journal-complaint',
    lines: readonly string[],
  ): void {
    write(join(this.root, what), lines);
  }

  /** postconf may change main.cf no more. */
  lockMainCf(): void {
    write(join(this.primary, 'main.cf.locked'), []);
  }

  unlockMainCf(): void {
    rmSync(join(this.primary, 'main.cf.locked'));
  }

  #lines(path: string): string[] {
    const file = join(this.root, path);
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  }
}

function write(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

function writeCommands(directory: string, state: string): void {
  mkdirSync(directory);
  for (const name of COMMANDS) {
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' ${name} '${state}' "$@"\n`);
    chmodSync(path, 0o755);
  }
}
