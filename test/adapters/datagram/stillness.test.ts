import { expect, it } from 'vitest';
import { Stillness } from '#adapters/datagram/stillness.ts';

function watched(): { move: () => void; lookAfter: (ms: number) => number } {
  let [turns, nowMs] = [0, 0];
  const stillness = new Stillness(() => turns, { steadyMs: () => nowMs });
  return {
    move: () => {
      turns += 1;
    },
    lookAfter: (ms) => {
      nowMs += ms;
      return stillness.look();
    },
  };
}

it('A thread that moves stands still for no time', () => {
  const { move, lookAfter } = watched();
  for (let times = 0; times < 5; times += 1) {
    move();
    expect(lookAfter(200)).toBe(0);
  }
});

it('A thread that does not move stands still from look to look, until it moves', () => {
  const { move, lookAfter } = watched();
  expect([lookAfter(200), lookAfter(300)]).toEqual([200, 500]);
  move();
  expect([lookAfter(200), lookAfter(200)]).toEqual([0, 200]);
});

it('The time in which nobody looked does not count, as the whole process may have stood still', () => {
  const { lookAfter } = watched();
  expect([lookAfter(200), lookAfter(3_600_000)]).toEqual([200, 700]);
});
