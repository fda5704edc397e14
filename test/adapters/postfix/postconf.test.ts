import { lstatSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  answersLookup,
  parametersIn,
  readParameters,
  reloadPostfix,
  writeParameter,
} from '#adapters/postfix/postconf.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';

describe('The parameters of Postfix', () => {
  it('are written and taken out again', () => {
    const { primary } = new PostfixHost();
    writeParameter(primary, 'smtp_tls_policy_maps', 'inline:{ {a=b c} }, hash:$config_directory/x');
    expect(readParameters(primary, '-n', ['smtp_tls_policy_maps', 'smtp_tlsrpt_enable'])).toEqual({
      smtp_tls_policy_maps: 'inline:{ {a=b c} }, hash:$config_directory/x',
    });
    writeParameter(primary, 'smtp_tls_policy_maps', null);
    expect(readParameters(primary, '-n', ['smtp_tls_policy_maps'])).toEqual({});
  });

  it('are written where a symbolic link leads, which stays one', () => {
    const { primary, root } = new PostfixHost();
    const [path, real] = [join(primary, 'main.cf'), join(root, 'main.cf')];
    renameSync(path, real);
    symlinkSync(real, path);
    writeParameter(primary, 'smtp_tlsrpt_enable', 'yes');
    expect(readFileSync(real, 'utf8')).toContain('smtp_tlsrpt_enable = yes\n');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it('are not written to a file that postconf does not know by its name', () => {
    const { primary, root } = new PostfixHost();
    renameSync(join(primary, 'main.cf'), join(root, 'managed'));
    symlinkSync(join(root, 'managed'), join(primary, 'main.cf'));
    expect(() => {
      writeParameter(primary, 'smtp_tlsrpt_enable', 'yes');
    }).toThrow(
      expect.objectContaining({
        code: 'configuration-error',
        message: expect.stringMatching(/leads to .*managed.*yourself: smtp_tlsrpt_enable = yes/) as string,
      }),
    );
  });

  it('cannot be written by everybody', () => {
    const host = new PostfixHost();
    host.lockMainCf();
    expect(() => {
      writeParameter(host.primary, 'smtp_tlsrpt_enable', 'yes');
    }).toThrow(
      expect.objectContaining({
        code: 'no-permission',
        message: expect.stringMatching(/smtp_tlsrpt_enable=yes.*Permission denied.*as root/) as string,
      }),
    );
  });

  it('are empty, or have equals signs', () => {
    expect(parametersIn('a = \nb = c = d\nnone\nsmtp/unix/e =\n')).toEqual({ a: '', b: 'c = d', 'smtp/unix/e': '' });
  });
});

describe('Postfix', () => {
  it('reads its settings anew where it runs', () => {
    const host = new PostfixHost();
    const stopped = host.addInstance('postfix-out', { isRunning: false });
    expect([reloadPostfix(host.primary), reloadPostfix(stopped)]).toEqual([true, false]);
    expect([host.reloads(), host.reloads('postfix-out')]).toEqual([1, 0]);
  });

  it('tells a lookup table that has nothing from one that does not answer', () => {
    const host = new PostfixHost();
    host.set('answers', ['socketmap:inet:127.0.0.1:8642:QUERYwithTLSRPT']);
    const answers = (port: number): boolean =>
      answersLookup(host.primary, `socketmap:inet:127.0.0.1:${String(port)}:QUERYwithTLSRPT`, 'tlsrpt.invalid');
    expect([answers(8642), answers(8643)]).toEqual([true, false]);
  });
});
