import { describe, expect, it } from 'vitest';
import { inheritedDescriptor } from '#adapters/systemd/inherited-descriptor.ts';

const PID = 4711;
const ours = { LISTEN_PID: String(PID) };

describe('The descriptor that systemd passes', () => {
  it('is the first after standard error', () => {
    expect(inheritedDescriptor({ ...ours, LISTEN_FDS: '1' }, PID)).toBe(3);
  });

  it.each([
    ['the variables are missing', {}],
    ['they are for another process', { LISTEN_PID: '1', LISTEN_FDS: '1' }],
    ['they do not say for whom', { LISTEN_FDS: '1' }],
    ['there are none', { ...ours, LISTEN_FDS: '0' }],
    ['they do not say how many', ours],
  ])('is not there when %s', (_when, environment) => {
    expect(inheritedDescriptor(environment, PID)).toBeUndefined();
  });

  it.each(['2', '-1', 'one', ''])('cannot be used when there are "%s"', (count) => {
    expect(() => inheritedDescriptor({ ...ours, LISTEN_FDS: count }, PID)).toThrow(
      expect.objectContaining({ code: 'inherited-socket-unusable' }),
    );
  });
});
