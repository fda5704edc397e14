import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReportSecrets } from '#cli/wiring/report-receiver.ts';
import type { Settings } from '#config/settings.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const FOR_ALL = { host: '::', port: 8_443 };

function secretsFor(settings: Partial<Settings>, directory = '/nowhere'): ReturnType<typeof readReportSecrets> {
  return readReportSecrets({ settings: settings as Settings, environment: { CREDENTIALS_DIRECTORY: directory } });
}

async function identityIn(directory: string): Promise<{ certificate: string; key: string }> {
  const { certPem, keyPem } = await (await makeTestCa()).issue({ names: ['reports.example'] });
  const [certificate, key] = [join(directory, 'a.pem'), join(directory, 'serve-reports-key')];
  writeFileSync(certificate, certPem);
  writeFileSync(key, keyPem, { mode: 0o600 });
  return { certificate, key };
}

describe('The secrets with which reports are taken', () => {
  it('are none behind a proxy on this machine, and where the operator wants none', () => {
    expect(secretsFor({})).toEqual({ identity: undefined });
    expect(secretsFor({ reportsListen: { host: '127.0.0.1', port: 9_181 } })).toEqual({ identity: undefined });
    expect(secretsFor({ reportsListen: FOR_ALL, reportsInsecure: true })).toEqual({ identity: undefined });
  });

  it('are needed where other machines post', async () => {
    expect(() => secretsFor({ reportsListen: FOR_ALL })).toThrow(/serve\.reports_certificate and serve\.reports_key/);
    const { certificate, key } = await identityIn(scratchDirectory());
    const expected = { identity: { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') } };
    const settings = { reportsListen: FOR_ALL, reportsCertificate: certificate };
    expect(secretsFor({ ...settings, reportsKey: key })).toEqual(expected);
    expect(() => secretsFor({ reportsListen: FOR_ALL, reportsKey: key })).toThrow('but not serve.reports_certificate');
  });

  it('may have the key among the credentials of the service', async () => {
    const directory = scratchDirectory();
    const { certificate } = await identityIn(directory);
    const secrets = secretsFor({ reportsListen: FOR_ALL, reportsCertificate: certificate }, directory);
    expect(secrets.identity?.key).toContain('PRIVATE KEY');
  });
});
