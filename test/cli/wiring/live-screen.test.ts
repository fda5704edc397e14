import { describe, expect, it } from 'vitest';
import { showLive } from '#cli/wiring/live-screen.ts';

const [BEGIN, END] = ['\x1b[?1049h\x1b[?25l\x1b[?7l', '\x1b[?7h\x1b[?25h\x1b[?1049l'];

/** What is printed until it is told to stop while it waits for the `looks`th time. */
async function shownIn(texts: readonly (string | Error)[], { rows = 24, tookMs = 0 } = {}): Promise<unknown[]> {
  const stopping = new AbortController();
  const shown: unknown[] = [];
  const waits: number[] = [];
  let nowMs = 0;
  const next = [...texts];
  const text = (): string => {
    nowMs += tookMs;
    const now = next.shift() ?? '';
    if (now instanceof Error) throw now;
    return now;
  };
  const sleep = (durationMs: number): Promise<void> => {
    waits.push(durationMs);
    if (next.length === 0) stopping.abort();
    return Promise.resolve();
  };
  const screen = { print: (part: string) => shown.push(part), rows: () => rows, stopping: stopping.signal };
  const ended = showLive(text, { ...screen, clock: { steadyMs: () => nowMs, sleep } });
  await ended.catch((error: unknown) => shown.push(error));
  return [...shown, waits];
}

describe('showLive', () => {
  it('shows each text in place of the one before, and gives the screen back', async () => {
    expect(await shownIn(['one\ntwo\n', 'three\n'])).toEqual([
      BEGIN,
      '\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J',
      '\x1b[Hthree\x1b[K\x1b[J',
      END,
      [2_000, 2_000],
    ]);
  });

  it('leaves out what the screen has no room for', async () => {
    expect(await shownIn(['1\n2\n3\n'], { rows: 2 })).toContain('\x1b[H1\x1b[K\r\n2\x1b[K\x1b[J');
  });

  it('rests for longer than it works', async () => {
    expect((await shownIn(['a', 'b'], { tookMs: 1_500 })).at(-1)).toEqual([6_000, 6_000]);
  });

  it('gives the screen back when something cannot be shown', async () => {
    const error = new Error('damaged');
    expect(await shownIn(['a', error])).toEqual([BEGIN, '\x1b[Ha\x1b[K\x1b[J', END, error, [2_000]]);
  });
});
