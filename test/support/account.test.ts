import { describe, expect, it } from 'vitest';
import { accountOf, groupIdOf, userIdOf } from '#support/account.ts';

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

describe('The account of a number', () => {
  it('has its name, group and home', () => {
    expect(accountOf(0)).toEqual({ name: 'root', groupId: 0, home: '/root' });
    expect(accountOf(1)).toMatchObject({ name: 'daemon', groupId: 1 });
  });

  it('is undefined where nobody has it', () => {
    expect(accountOf(54_321)).toBeUndefined();
  });
});
