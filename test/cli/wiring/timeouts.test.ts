import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { timeoutMsOf } from '#cli/wiring/timeouts.ts';

function settingsOf(flags: Readonly<Record<string, string>>): Settings {
  const loaded = loadSettings({ file: undefined, environment: {}, flags });
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

describe('The time-out of a way out', () => {
  it('is the one that is set for all', () => {
    const settings = settingsOf({ timeout: '30s' });
    expect([timeoutMsOf('mailto', settings), timeoutMsOf('https', settings)]).toEqual([30_000, 30_000]);
  });

  it('is its own where that is set', () => {
    const settings = settingsOf({ timeout: '30s', 'mail-timeout': '5m', 'https-timeout': '10s' });
    expect([timeoutMsOf('mailto', settings), timeoutMsOf('https', settings)]).toEqual([300_000, 10_000]);
  });
});
