/**
 * Starts peers.ts in a network of its own, and keeps what its mail servers took.
 */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import type { NameFaults } from './dns.ts';

export interface TakenMail {
  /** Whose mail server took it. */
  readonly domain: string;
  readonly to: readonly string[];
  /** One character for each octet. */
  readonly raw: string;
}

export interface Network {
  /** A process in it. */
  readonly pid: number;
  readonly mails: readonly TakenMail[];
  /** What is wrong with DNS from now on; nothing by default. */
  letDns(faults?: NameFaults): Promise<void>;
  close(): void;
}

/** Node.js with tsx, in a network namespace that ends with it. */
export async function startNetwork(authorityFile: string): Promise<Network> {
  const words = ['--net', process.execPath, '--import', 'tsx', 'scripts/debian/peers.ts', authorityFile];
  const child = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const mails: TakenMail[] = [];
  const answers = new EventEmitter();
  await new Promise<void>((resolve, reject) => {
    child.on('exit', (code) => {
      reject(new Error(`the network of the test ended with ${String(code)}`));
    });
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') resolve();
      else if (line === 'done') answers.emit('done');
      else mails.push(JSON.parse(line) as TakenMail);
    });
  });
  const close = (): void => {
    child.stdin.end();
  };
  const letDns = async (faults: NameFaults = {}): Promise<void> => {
    const done = once(answers, 'done');
    child.stdin.write(`${JSON.stringify(faults)}\n`);
    await done;
  };
  return { pid: Number(child.pid), mails, letDns, close };
}
