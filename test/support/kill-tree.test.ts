import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { killTree } from '#support/kill-tree.ts';
import { until } from './until.ts';

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

describe('killTree', () => {
  it('kills a process, its children and theirs, and nobody beside it', async () => {
    const [beside, shell] = [
      spawn('sleep', ['60']),
      spawn('sh', ['-c', 'sh -c "sleep 60 & echo \\$\\$ \\$!; wait" & wait']),
    ];
    onTestFinished(() => {
      beside.kill('SIGKILL');
    });
    const [said] = (await once(shell.stdout, 'data')) as [Buffer];
    const started = [shell.pid ?? 0, ...String(said).trim().split(' ').map(Number)];
    expect(started.map(isRunning)).toEqual([true, true, true]);
    killTree(shell.pid ?? 0);
    await until(() => !started.some(isRunning));
    expect(isRunning(beside.pid ?? 0)).toBe(true);
  });

  it('has nothing against a process that has ended', async () => {
    const child = spawn('true');
    const { pid = 0 } = child;
    await once(child, 'exit');
    expect(() => {
      killTree(pid);
    }).not.toThrow();
  });
});
