/**
 * Processes that a test starts, ends and lets say something, in place of real ones.
 */
import type { PartEnd } from '#events/run-events.ts';
import type { Part, PartStarter } from '#pipeline/run/part.ts';

export class FakePart implements Part {
  readonly words: string;
  readonly ended: Promise<PartEnd>;
  /** What it was told, in this order. */
  readonly told: ('stop' | 'kill')[] = [];
  readonly say: () => void;
  #resolve: (end: PartEnd) => void = () => undefined;
  readonly #whenTold: (part: FakePart, what: 'stop' | 'kill') => void;

  constructor(words: string, say: () => void, whenTold: FakePart['whenTold']) {
    this.words = words;
    this.say = say;
    this.#whenTold = whenTold;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
  }

  get whenTold(): (part: FakePart, what: 'stop' | 'kill') => void {
    return this.#whenTold;
  }

  stop(): void {
    this.told.push('stop');
    this.#whenTold(this, 'stop');
  }

  kill(): void {
    this.told.push('kill');
    this.#whenTold(this, 'kill');
  }

  /** Resolves once whoever waits for it has heard. */
  async exit(code: number): Promise<void> {
    this.#resolve({ kind: 'exited', code });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class FakeParts implements PartStarter {
  readonly started: FakePart[] = [];
  readonly #whenTold: FakePart['whenTold'];
  #reaped = 0;

  /** By default a process does not react to what it is told. */
  constructor(whenTold: FakePart['whenTold'] = () => undefined) {
    this.#whenTold = whenTold;
  }

  get last(): FakePart {
    const part = this.started.at(-1);
    if (!part) throw new Error('nothing was started');
    return part;
  }

  get commands(): string[] {
    return this.started.map(({ words }) => words);
  }

  get reaped(): number {
    return this.#reaped;
  }

  start(words: readonly string[], heard: () => void): Part {
    const part = new FakePart(words.join(' '), heard, this.#whenTold);
    this.started.push(part);
    return part;
  }

  reapOrphans(): void {
    this.#reaped += 1;
  }
}
