import { describe, expect, it } from 'vitest';
import { groupIdOf, userIdOf } from '#support/account.ts';

describe('The number of an account', () => {
  it('is what the system knows for its name', () => {
    expect([userIdOf('root'), groupIdOf('root')]).toEqual([0, 0]);
    expect([userIdOf('daemon'), groupIdOf('daemon')]).toEqual([1, 1]);
  });

  it('is the number itself when it is given as one', () => {
    expect([userIdOf('1234'), groupIdOf('0')]).toEqual([1234, 0]);
  });

  it('is undefined for a name that nobody has', () => {
    expect([userIdOf('no-such-user'), groupIdOf('no-such-group'), userIdOf('')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
