/**
 * A Debian system that is booted from a directory, with a systemd of its own, in the network of another process.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BOOT = fileURLToPath(new URL('boot', import.meta.url));
const BETWEEN_LOOKS_MS = 200;
const MOST_LOOKS = 600;
const MAX_OUTPUT_BYTES = 64 * 1_048_576;

/** What the systemd of the machine in `root` says about itself. */
export function consoleOf(root: string): string {
  return `${root}.console`;
}

export class Machine {
  readonly root: string;
  /** What an administrator has to type, each as one line. */
  readonly typed: string[] = [];
  readonly #networkPid: number;
  #namespaces: ChildProcess | undefined;

  /** `networkPid` is a process in the network that the machine is to be in. */
  constructor(root: string, networkPid: number) {
    this.root = root;
    this.#networkPid = networkPid;
  }

  /** Resolves once everything that is enabled has been started. */
  async boot(): Promise<void> {
    const console = openSync(consoleOf(this.root), 'a');
    const words = [
      `--net=/proc/${String(this.#networkPid)}/ns/net`,
      'unshare',
      '-m',
      '-p',
      '-f',
      '-u',
      '-i',
      '-C',
      '--kill-child',
    ];
    // It ends with this process, however that ends.
    this.#namespaces = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', ...words, BOOT, this.root], {
      stdio: ['ignore', console, console],
    });
    await eventually('the machine is up', () =>
      this.run('systemctl', 'is-system-running', '--wait').then(
        () => true,
        (error: unknown) =>
          String(error).includes('degraded') || String((error as { stdout?: unknown }).stdout).includes('degraded'),
      ),
    );
  }

  async reboot(): Promise<void> {
    const ended = this.#namespaces && once(this.#namespaces, 'exit');
    await this.run('systemctl', 'reboot').catch(() => undefined); // it may be gone before it has answered
    await ended;
    await this.boot();
  }

  async stop(): Promise<void> {
    if (this.#namespaces?.exitCode !== null || this.#namespaces.signalCode !== null) return;
    const ended = once(this.#namespaces, 'exit');
    this.#namespaces.kill('SIGKILL');
    await ended;
  }

  /** What the command printed; rejects with its messages when it fails. */
  async run(command: string, ...words: readonly string[]): Promise<string> {
    const init = String(this.#initPid());
    const namespaces = ['-t', init, '-m', '-n', '-p', '-u', '-i', '-C', '-r', '-w'];
    const environment = [
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
      'DEBIAN_FRONTEND=noninteractive',
      'LANG=C.UTF-8',
    ];
    const options = { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES } as const;
    const { stdout } = await promisify(execFile)(
      'nsenter',
      [...namespaces, ...environment, command, ...words],
      options,
    );
    return stdout;
  }

  /** As an administrator types it, who is counted on to type little. */
  async type(line: string): Promise<string> {
    this.typed.push(line);
    return this.shell(line);
  }

  shell(script: string): Promise<string> {
    return this.run('sh', '-euc', script);
  }

  /** Below the root of the machine, also while it is not booted. */
  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  /** The first process of the machine is the child of unshare. */
  #initPid(): number {
    const pid = String(this.#namespaces?.pid);
    const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    if (child === '') throw new Error('the machine is not booted');
    return Number(child);
  }
}

/** Looks until it is so. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    try {
      if (await isSo()) return;
    } catch {
      // Not yet.
    }
    await sleep(BETWEEN_LOOKS_MS);
  }
  throw new Error(`it is not so after ${String((MOST_LOOKS * BETWEEN_LOOKS_MS) / 1_000)} s: ${what}`);
}
