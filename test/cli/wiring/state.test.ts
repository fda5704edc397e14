import { describe, expect, it } from 'vitest';
import { statePathOf } from '#cli/wiring/state.ts';
import { loadSettings } from '#config/load-settings.ts';

function pathWith(flags: Record<string, string>, environment: Record<string, string>): string {
  const loaded = loadSettings({ file: undefined, environment: {}, flags });
  if (loaded.kind === 'invalid') throw new Error('invalid');
  return statePathOf({ settings: loaded.settings, environment });
}

describe('statePathOf', () => {
  it('is where the settings say', () => {
    expect(pathWith({ 'state-dir': '/srv/tlsrpt' }, { XDG_STATE_HOME: '/home/me/state' })).toBe('/srv/tlsrpt');
  });

  it('is the system’s or the user’s own otherwise, whichever can be written', () => {
    expect(['/var/lib/tlsrpt', '/home/me/state/tlsrpt']).toContain(pathWith({}, { XDG_STATE_HOME: '/home/me/state' }));
  });
});
