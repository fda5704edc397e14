import { expect, it } from 'vitest';
import { openSession } from '#adapters/mail/open-session.ts';
import { smtpSessionOptions } from '#adapters/mail/smtp-session-options.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

it('A session is in clear where no handshake succeeds, and none has to', async () => {
  const { certPem: cert, keyPem: key } = await (await makeTestCa()).issue({ names: ['127.0.0.1'] });
  // No client of today agrees to these.
  const sink = await startSmtpSink({ tls: { cert, key, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } });
  const options = { url: `smtp://127.0.0.1:${String(sink.port)}`, timeoutMs: 10_000, maxConnections: 1, now: () => 0 };
  try {
    const session = await openSession(smtpSessionOptions(options));
    expect(session.isEncrypted).toBe(false);
    await session.quit();
    await expect(openSession(smtpSessionOptions({ ...options, tls: 'required' }))).rejects.toThrow();
  } finally {
    await sink.close();
  }
});
