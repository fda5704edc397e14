import { expect, it } from 'vitest';
import { lookingAt } from '#support/looking-at.ts';

function failingWith(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: no`), { code });
  };
}

it('Who may not look is told to be root, and anything else stays what it is', () => {
  expect(lookingAt('/x', () => 7)).toBe(7);
  expect(() => lookingAt('/x', failingWith('EACCES'))).toThrow(
    expect.objectContaining({
      code: 'no-permission',
      message: '/x cannot be looked at: EACCES: no. Run this as root.',
    }),
  );
  expect(() => lookingAt('/x', failingWith('EIO'))).toThrow('EIO: no');
});
