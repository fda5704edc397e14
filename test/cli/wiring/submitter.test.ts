import { describe, expect, it } from 'vitest';
import { senderOf, submitterOf } from '#cli/wiring/submitter.ts';
import { loadSettings } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';

function settingsWith(flags: Record<string, string>): Settings {
  const loaded = loadSettings({ file: undefined, environment: {}, flags });
  if (loaded.kind === 'invalid') throw new Error('invalid');
  return loaded.settings;
}

describe('submitterOf', () => {
  it('is who the settings say', () => {
    expect(submitterOf(settingsWith({ organization: 'Sender', contact: 'tlsrpt@sender.example' }))).toEqual({
      organizationName: 'Sender',
      contactInfo: 'tlsrpt@sender.example',
    });
  });

  it('is the host when they say nothing', () => {
    expect(submitterOf(settingsWith({}), 'mx.sender.example')).toEqual({
      organizationName: 'mx.sender.example',
      contactInfo: 'postmaster@mx.sender.example',
    });
  });

  it.each(['vm', 'vm.localdomain', 'localhost.localdomain', 'mx_1.sender.example', '192.0.2.1'])(
    'is nobody on the host %s when they say nothing',
    (host) => {
      expect(() => submitterOf(settingsWith({}), host)).toThrow(
        expect.objectContaining({
          code: 'configuration-error',
          message: expect.stringContaining(`(${host}) has no domain that receivers could know`) as string,
        }),
      );
      const contact = 'tlsrpt@sender.example';
      expect(submitterOf(settingsWith({ contact }), host).contactInfo).toBe(contact);
    },
  );
});

describe('senderOf', () => {
  it('is the contact unless another sender is set', () => {
    expect(senderOf(settingsWith({ contact: 'tlsrpt@sender.example' }))).toBe('tlsrpt@sender.example');
    expect(senderOf(settingsWith({ contact: 'tlsrpt@sender.example', from: 'noreply@sender.example' }))).toBe(
      'noreply@sender.example',
    );
  });

  it('must be somebody whom receivers can know', () => {
    expect(() => senderOf(settingsWith({ contact: 'postmaster@host.localdomain' }))).toThrow(
      'report.contact must be set',
    );
  });
});
