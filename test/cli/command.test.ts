import { describe, expect, it } from 'vitest';
import { configurationError, GivenFlags, usageError } from '#cli/command.ts';

describe('GivenFlags', () => {
  const given = new GivenFlags({ json: true, partial: false, day: 'today', domain: ['a', 'b'], one: 'a' });

  it('tells which switches are on', () => {
    expect(['json', 'partial', 'absent', 'day'].map((name) => given.has(name))).toEqual([true, false, false, false]);
  });

  it('gives the text of a flag, and refuses one that was given twice', () => {
    expect([given.text('day'), given.text('absent')]).toEqual(['today', undefined]);
    expect(() => given.text('domain')).toThrow('--domain is given more than once.');
  });

  it('gives all values of a list', () => {
    expect([given.texts('domain'), given.texts('one'), given.texts('absent')]).toEqual([['a', 'b'], ['a'], []]);
  });
});

describe('a problem of the command line', () => {
  it('is told apart from one of the configuration', () => {
    expect([usageError('x').code, configurationError('x').code]).toEqual(['usage-error', 'configuration-error']);
  });
});
