import { describe, expect, it } from 'vitest';
import { createLine, readLine } from '#store/kept-line.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

describe('A line that is kept', () => {
  it('is nothing until it is made, and then what it was made first', () => {
    const disk = new SimulatedDisk();
    disk.makeDirectory('/state');
    expect(readLine(disk, '/state/key')).toBeUndefined();
    expect(createLine(disk, '/state/key', 'one')).toBe('one');
    expect(createLine(disk, '/state/key', 'two')).toBe('one');
    expect(readLine(disk, '/state/key')).toBe('one');
    expect(disk.list('/state')).toEqual(['key']);
  });
});
