import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findInstances } from '#adapters/postfix/find-instances.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('findInstances', () => {
  it('reads how Postfix is set up on a fresh Debian 13', () => {
    const host = new PostfixHost();
    const { instances, disabled } = findInstances();
    expect(disabled).toEqual([]);
    expect(instances).toEqual([
      {
        configDirectory: host.primary,
        mainCf: join(host.primary, 'main.cf'),
        version: '3.10.13',
        queueDirectory: host.queueDirectory(),
        user: 'postfix',
        parameters: expect.objectContaining({ smtp_tlsrpt_enable: 'no', smtp_tlsrpt_socket_name: '' }) as unknown,
        written: { queue_directory: host.queueDirectory() },
        clients: [
          { service: 'smtp/unix', isChrooted: true, overrides: {} },
          {
            service: 'relay/unix',
            isChrooted: true,
            overrides: { syslog_name: '${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name' },
          },
        ],
        isProxymapChrooted: false,
      },
    ]);
  });

  it('finds all instances that are enabled, and names the others', () => {
    const host = new PostfixHost();
    const out = host.addInstance('postfix-out', { mainCf: ['smtp_tlsrpt_enable = yes'] });
    const off = host.addInstance('postfix-off', { isEnabled: false });
    const { instances, disabled } = findInstances();
    expect(instances.map(({ configDirectory }) => configDirectory)).toEqual([host.primary, out]);
    expect(instances[1]?.written).toEqual({
      queue_directory: host.queueDirectory('postfix-out'),
      smtp_tlsrpt_enable: 'yes',
    });
    expect(disabled).toEqual([off]);
  });

  it.each([
    ['y', '3.9', true],
    ['n', '0', false],
    ['-', '3.9', false],
    ['-', '1', false],
    ['-', '0', true],
  ])('takes chroot %s at compatibility level %s for %s', (field, level, isChrooted) => {
    new PostfixHost({
      mainCf: [`compatibility_level = ${level}`],
      services: [
        `smtp/unix/chroot = ${field}`,
        'smtp/unix/command = smtp',
        'smtp/inet/command = smtpd',
        `proxymap/unix/chroot = ${field}`,
      ],
    });
    const [{ clients, isProxymapChrooted }] = findInstances().instances;
    expect(clients).toMatchObject([{ service: 'smtp/unix', isChrooted }]);
    expect(isProxymapChrooted).toBe(isChrooted);
  });

  it('has no TLSRPT parameters where Postfix does not know them', () => {
    new PostfixHost().set('unknown', ['smtp_tlsrpt_enable', 'smtp_tlsrpt_socket_name']);
    const [{ parameters, version }] = findInstances().instances;
    expect(parameters).not.toHaveProperty('smtp_tlsrpt_enable');
    expect(version).toBe('3.10.13');
  });

  it('says that there is no Postfix', () => {
    vi.stubEnv('PATH', scratchDirectory());
    expect(() => findInstances()).toThrow(
      expect.objectContaining({ code: 'postfix-not-found', message: expect.stringContaining('postmulti') as string }),
    );
    vi.unstubAllEnvs();
  });

  it('says what postconf says when it fails', () => {
    const host = new PostfixHost();
    rmSync(join(host.primary, 'main.cf'));
    expect(() => findInstances()).toThrow(
      expect.objectContaining({
        code: 'system-command-failed',
        message: expect.stringContaining(`open ${host.primary}/main.cf: No such file or directory`) as string,
      }),
    );
  });
});
