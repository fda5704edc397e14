import { describe, expect, it } from 'vitest';
import { LineReceiver } from '#adapters/lines/line-receiver.ts';
import { systemClock } from '#support/clock.ts';
import { splitLines } from '#support/split-lines.ts';
import { describeReceiver } from '#test/contracts/receiver.contract.ts';
import { until } from '#test/support/until.ts';

/** Input that comes when the test says so, and is read one line at a time. */
class Input {
  readonly #lines: Buffer[] = [];
  #isEnded = false;
  #wake: () => void = () => undefined;
  read = 0;

  put(lines: readonly Buffer[]): void {
    this.#lines.push(...lines.map((line) => Buffer.from(line)));
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *lines(): AsyncGenerator<Buffer> {
    for (;;) {
      const line = this.#lines.shift();
      if (line) {
        this.read += 1;
        yield line;
      } else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

type Settled = [line: number, outcome: string];

function startOn(lines: AsyncIterable<Buffer>): { receiver: LineReceiver; settled: Settled[] } {
  const settled: Settled[] = [];
  const receiver = new LineReceiver({
    lines,
    nowMs: () => systemClock.nowMs(),
    settled: (line, outcome) => settled.push([line, outcome]),
  });
  return { receiver, settled };
}

describeReceiver(
  'Lines',
  () => {
    const input = new Input();
    const { receiver } = startOn(input.lines());
    let sent = 0;
    const send = async (lines: readonly Buffer[]): Promise<void> => {
      sent += lines.length;
      input.put(lines);
      await until(() => input.read === sent);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return Promise.resolve({ receiver, send });
  },
  { takesEmpty: false },
);

function takeAll(receiver: LineReceiver, limit = 10_000): string[] {
  const taken: string[] = [];
  receiver.take(limit, (bytes) => taken.push(bytes.toString()));
  return taken;
}

async function untilEnded(receiver: LineReceiver): Promise<void> {
  while (!receiver.ended) await receiver.wait(1_000);
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

describe('The lines of an input', () => {
  it('are named by their numbers when it is known what became of them, empty ones counted but not taken', async () => {
    const { receiver, settled } = startOn(splitLines(chunks('one\n\n\ntw', 'o\r\nthree')));
    await untilEnded(receiver);
    expect(takeAll(receiver)).toEqual(['one', 'two', 'three']);
    for (const outcome of ['tallied', 'not-json', 'no-domain'] as const) receiver.settled(outcome);
    expect(settled).toEqual([
      [1, 'tallied'],
      [4, 'not-json'],
      [5, 'no-domain'],
    ]);
  });

  it('are read no faster than they are taken', async () => {
    const input = new Input();
    const { receiver } = startOn(input.lines());
    input.put(Array.from({ length: 10_000 }, (_, index) => Buffer.from(String(index))));
    input.end();
    await until(() => input.read === 4_096);
    await new Promise((resolve) => setImmediate(resolve));
    expect([input.read, receiver.ended]).toEqual([4_096, false]);
    const taken = takeAll(receiver, 64);
    await until(() => input.read === 4_096 + 64);
    while (!receiver.ended || receiver.waitingBytes > 0) {
      taken.push(...takeAll(receiver, 64));
      await receiver.wait(10);
    }
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index)));
  });

  it('take no more memory than a few megabytes when they are long', async () => {
    const input = new Input();
    const { receiver } = startOn(input.lines());
    input.put(Array.from({ length: 100 }, () => Buffer.alloc(1_000_000, 'x')));
    await until(() => input.read === 5);
    await new Promise((resolve) => setImmediate(resolve));
    expect([input.read, receiver.waitingBytes]).toEqual([5, 5_000_000]);
    receiver.stop();
  });

  it('that are longer than any datagram are cut, and those behind them keep their numbers', async () => {
    const long = 'x'.repeat(3_000_000);
    const { receiver, settled } = startOn(splitLines(chunks(`${long}\n`, 'next\n')));
    await untilEnded(receiver);
    const taken = takeAll(receiver);
    expect(taken.map((line) => line.length <= 3_000_000)).toEqual([true, true]);
    expect(taken[1]).toBe('next');
    receiver.settled('too-large');
    receiver.settled('tallied');
    expect(settled).toEqual([
      [1, 'too-large'],
      [2, 'tallied'],
    ]);
  });

  it('that cannot be read end the receiver, which says why', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from('one'));
      throw new Error('EIO: read');
    }
    const { receiver } = startOn(failing());
    await untilEnded(receiver);
    expect([takeAll(receiver), receiver.failure?.message]).toEqual([['one'], 'EIO: read']);
  });
});
