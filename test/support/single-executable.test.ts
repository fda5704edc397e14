import { describe, expect, it } from 'vitest';
import { licencesOfNode, ownCommand } from '#support/single-executable.ts';

describe('The licences of Node.js', () => {
  it('are not those of the executable that Node.js runs', () => {
    expect(licencesOfNode()).toBe('');
  });
});

it('The command that starts this program once more is Node.js with its flags and the file of the program', () => {
  expect(ownCommand()).toEqual([process.execPath, ...process.execArgv, process.argv[1]]);
});
