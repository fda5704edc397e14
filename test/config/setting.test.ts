import { describe, expect, it } from 'vitest';
import { environmentName } from '#config/setting.ts';

describe('environmentName', () => {
  it.each([
    ['state_dir', 'TLSRPT_STATE_DIR'],
    ['collect.socket_mode', 'TLSRPT_COLLECT_SOCKET_MODE'],
  ])('of %s is %s', (key, name) => {
    expect(environmentName({ key })).toBe(name);
  });
});
