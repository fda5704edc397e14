import { describe, expect, it } from 'vitest';
import { licencesOfNode } from '#support/single-executable.ts';

describe('The licences of Node.js', () => {
  it('are not those of the executable that Node.js runs', () => {
    expect(licencesOfNode()).toBe('');
  });
});
