import { describe, expect, it } from 'vitest';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import { readSource } from '#pipeline/read/read-source.ts';
import { bytesOf, soundDocument } from '#test/support/inbound-documents.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

const reader = { opener: openerHere, verifying: unaskedSender, requiresSender: false };
const failure = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('{');
  throw failure;
}

async function* sound(): AsyncGenerator<Uint8Array> {
  yield bytesOf(soundDocument());
}

describe('A source', () => {
  it('that the system fails to read is unreadable', async () => {
    const readings: InboundReading[] = [];
    await readSource({ name: 'a', isNamed: true, bytes: failing }, reader, (reading) => {
      readings.push(reading);
      return Promise.resolve();
    });
    expect(readings).toMatchObject([{ kind: 'unreadable', source: 'a', code: 'not-readable' }]);
  });

  it('is not held to be unreadable for what goes wrong with what was read', async () => {
    const taking = readSource({ name: 'a', isNamed: true, bytes: sound }, reader, () => Promise.reject(failure));
    await expect(taking).rejects.toBe(failure);
  });
});
