import { describe, expect, it } from 'vitest';
import { SharedReading } from '#web/shared-reading.ts';
import type { Reading } from '#web/shared-reading.ts';

/** Readings end when the test says so, and time passes when it says so. */
class Readings {
  readonly shared: SharedReading;
  nowMs = 0;
  readonly #underWay: ((reading: Reading) => void)[] = [];
  readonly #sleepers: { untilMs: number; wake: () => void }[] = [];
  begun = 0;

  constructor() {
    this.shared = new SharedReading({
      read: () => {
        this.begun += 1;
        return new Promise((resolve) => this.#underWay.push(resolve));
      },
      steadyMs: () => this.nowMs,
      sleep: (durationMs) =>
        new Promise((resolve) => this.#sleepers.push({ untilMs: this.nowMs + durationMs, wake: resolve })),
    });
  }

  async pass(durationMs: number): Promise<void> {
    this.nowMs += durationMs;
    for (const { untilMs, wake } of this.#sleepers) if (untilMs <= this.nowMs) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async end(reading: Reading | string): Promise<void> {
    this.#underWay.shift()?.(typeof reading === 'string' ? { kind: 'read', text: reading } : reading);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('A reading that is shared', () => {
  it('is one for all who ask at the same time', async () => {
    const readings = new Readings();
    const asked = Promise.all([readings.shared.ask(), readings.shared.ask(), readings.shared.ask()]);
    await readings.end('first');
    expect(await asked).toEqual(Array.from({ length: 3 }, () => ({ kind: 'read', text: 'first' })));
    expect(readings.begun).toBe(1);
  });

  it('is the same for who asks soon after, and a new one for who asks later', async () => {
    const readings = new Readings();
    const first = readings.shared.ask();
    await readings.end('first');
    await first;
    await readings.pass(1_999);
    expect(await readings.shared.ask()).toEqual({ kind: 'read', text: 'first' });
    await readings.pass(1);
    const second = readings.shared.ask();
    await readings.end('second');
    expect(await second).toEqual({ kind: 'read', text: 'second' });
  });

  it('keeps nobody for longer than eight seconds, and is there for those who ask next', async () => {
    const readings = new Readings();
    const first = readings.shared.ask();
    await readings.pass(8_000);
    expect(await first).toEqual({ kind: 'late', text: undefined });
    await readings.pass(5_000);
    await readings.end('first');
    expect(await readings.shared.ask()).toEqual({ kind: 'read', text: 'first' });
    expect(readings.begun).toBe(1);
  });

  it('is that of before while a new one is late, but not for ever', async () => {
    const readings = new Readings();
    const first = readings.shared.ask();
    await readings.end('first');
    await first;
    await readings.pass(15_000);
    const second = readings.shared.ask();
    await readings.pass(8_000);
    expect(await second).toEqual({ kind: 'late', text: 'first' });
    await readings.pass(300_000);
    const third = readings.shared.ask();
    await readings.pass(8_000);
    expect(await third).toEqual({ kind: 'late', text: undefined });
  });

  it('that failed is not hidden by one before', async () => {
    const readings = new Readings();
    const first = readings.shared.ask();
    await readings.end('first');
    await first;
    await readings.pass(15_000);
    const second = readings.shared.ask();
    await readings.end({ kind: 'failed', why: 'it took too long' });
    expect(await second).toEqual({ kind: 'failed', why: 'it took too long' });
  });
});
