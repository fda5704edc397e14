import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { findSupervisor, PART_VARIABLE } from '#adapters/process/supervisor.ts';

class Child extends EventEmitter {
  readonly env: Record<string, string> = { [PART_VARIABLE]: '1', PATH: '/bin' };
  readonly sent: unknown[] = [];
  readonly killed: unknown[] = [];
  readonly pid = 4711;
  connected = true;
  readonly send = (message: unknown): boolean => {
    this.sent.push(message);
    return true;
  };
  readonly kill = (...words: unknown[]): true => {
    this.killed.push(words);
    return true;
  };
}

function supervised(): { child: Child; supervisor: NonNullable<ReturnType<typeof findSupervisor>> } {
  const child = new Child();
  const supervisor = findSupervisor(child);
  if (!supervisor) throw new Error('it was not found');
  return { child, supervisor };
}

describe('A part of run', () => {
  it('says that it is ready, and every ten seconds that it lives', () => {
    const { child, supervisor } = supervised();
    supervisor.ready('Receiving');
    for (let ms = 0; ms < 60_000; ms += 100) supervisor.alive(ms, () => '');
    expect(child.sent).toHaveLength(7);
  });

  it('hears when run has gone', () => {
    const { child, supervisor } = supervised();
    let isGone = false;
    supervisor.onGone(() => (isGone = true));
    child.emit('disconnect');
    expect(isGone).toBe(true);
  });

  it('hears at once that run has gone already', () => {
    const { child, supervisor } = supervised();
    child.connected = false;
    let isGone = false;
    supervisor.onGone(() => (isGone = true));
    expect(isGone).toBe(true);
  });

  it('dies with run where it may be killed at any moment, and takes along what it has started', () => {
    const { child, supervisor } = supervised();
    supervisor.dieWithIt();
    expect(child.killed).toEqual([]);
    child.emit('disconnect');
    expect(child.killed).toEqual([[-4711, 'SIGKILL']]);
  });

  it('hides from what it starts that it is one', () => {
    expect(supervised().child.env).toEqual({ PATH: '/bin' });
  });

  it('is nothing that merely has such a variable, or a channel to its parent', () => {
    const { kill, connected, pid } = new Child();
    const on = process.on.bind(process);
    expect(findSupervisor({ env: { [PART_VARIABLE]: '1' }, connected, kill, pid, on })).toBeUndefined();
    const child = new Child();
    Reflect.deleteProperty(child.env, PART_VARIABLE);
    expect(findSupervisor(child)).toBeUndefined();
  });
});
