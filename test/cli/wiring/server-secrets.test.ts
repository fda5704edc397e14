import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readServerSecrets } from '#cli/wiring/server-secrets.ts';
import type { Settings } from '#config/settings.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const TOKEN = 'f2bd1a6e9c3b4d5e8f70';
const FOR_ALL = { host: '0.0.0.0', port: 9_180 };

type Wanted = Parameters<typeof readServerSecrets>[0];

class Files {
  readonly directory = scratchDirectory();

  write(name: string, content: string, mode = 0o600): string {
    const path = join(this.directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  async identity(name = 'a'): Promise<Pick<Settings, 'serveCertificate' | 'serveKey'>> {
    const ca = await makeTestCa();
    const { certPem, keyPem } = await ca.issue({ names: ['mx.example'] });
    return {
      serveCertificate: this.write(`${name}.pem`, certPem, 0o644),
      serveKey: this.write(`${name}.key`, keyPem),
    };
  }
}

function wanting(settings: Partial<Settings>, environment: Wanted['environment'] = {}): Wanted {
  return { settings: settings as Settings, environment: { CREDENTIALS_DIRECTORY: '/nowhere', ...environment } };
}

describe('The secrets of the server', () => {
  it('are none where only this machine can ask, and nothing is set', () => {
    const none = { identity: undefined, token: undefined };
    expect(readServerSecrets(wanting({}))).toEqual(none);
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
      expect(readServerSecrets(wanting({ listen: { host, port: 80 } }))).toEqual(none);
  });

  it('are needed, all of them, where other machines can ask', async () => {
    const files = new Files();
    const [identity, serveTokenFile] = [await files.identity(), files.write('token', `${TOKEN}\n`)];
    for (const host of ['0.0.0.0', '::', '192.0.2.1', '2001:db8::1'])
      for (const settings of [{}, identity, { serveTokenFile }])
        expect(() => readServerSecrets(wanting({ listen: { host, port: 9_180 }, ...settings }))).toThrow(
          'serve.certificate, serve.key and serve.token_file are needed',
        );
    const secrets = readServerSecrets(wanting({ listen: FOR_ALL, serveTokenFile, ...identity }));
    expect(secrets).toMatchObject({
      token: TOKEN,
      identity: { cert: expect.stringContaining('BEGIN CERT') as string },
    });
  });

  it('are not taken from a file that others can read', async () => {
    const files = new Files();
    const { serveCertificate, serveKey = '' } = await files.identity();
    const serveTokenFile = files.write('token', TOKEN, 0o644);
    expect(() => readServerSecrets(wanting({ serveTokenFile }))).toThrow(/serve.token_file: .* has the mode 0644/);
    chmodSync(serveKey, 0o604);
    expect(() => readServerSecrets(wanting({ serveCertificate, serveKey }))).toThrow(/serve.key: .* has the mode 0604/);
  });

  it.each([
    ['short', 'a token that can be guessed'],
    ['', 'none'],
    ['two words of enough characters', 'blanks'],
    ['first-token-of-two\nsecond-token-of-two', 'two lines'],
  ])('have no token %j: %s', (...[token]: [string, string]) => {
    const serveTokenFile = new Files().write('token', token);
    expect(() => readServerSecrets(wanting({ serveTokenFile }))).toThrow(/must have one token of 16 characters/);
  });

  it('go together: the key is that of the certificate, and neither is set alone', async () => {
    const files = new Files();
    const [one, other] = [await files.identity('one'), await files.identity('other')];
    const { serveCertificate } = one;
    const { serveKey } = other;
    expect(() => readServerSecrets(wanting({ serveCertificate, serveKey }))).toThrow(/cannot be used together/);
    expect(() => readServerSecrets(wanting({ serveCertificate }))).toThrow(/serve-key cannot be read/);
    expect(() => readServerSecrets(wanting({ serveKey }))).toThrow('serve.key is set, but not serve.certificate');
    const noCertificate = files.write('empty.pem', 'nothing');
    expect(() => readServerSecrets(wanting({ serveCertificate: noCertificate, serveKey }))).toThrow(
      /serve.certificate: .* has no certificate that can be read/,
    );
  });

  it('come from the credentials of the service where no file is named', async () => {
    const files = new Files();
    const { serveCertificate, serveKey = '' } = await files.identity();
    files.write('serve-key', readFileSync(serveKey, 'utf8'), 0o644);
    files.write('serve-token', TOKEN, 0o644);
    const environment = { CREDENTIALS_DIRECTORY: files.directory };
    const secrets = readServerSecrets(wanting({ listen: FOR_ALL, serveCertificate }, environment));
    expect(secrets).toMatchObject({ token: TOKEN, identity: { key: readFileSync(serveKey, 'utf8') } });
  });
});
