import { describe, expect, it } from 'vitest';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { cluesIn, soughtDelivery } from '#pipeline/send/bounce-clues.ts';
import type { NumberedDelivery } from '#store/outbox/outbox-entries.ts';
import { shortDigest } from '#support/short-digest.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import { MAILBOX_DIGEST_LENGTH, reportMessageId } from '#tlsrpt/report-mail.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const REPORT = { reportId: `2026-11-19.x.example.${'0'.repeat(32)}@sender.example`, submitterDomain: 'sender.example' };
const MESSAGE_ID = reportMessageId(REPORT, shortDigest('Tls@x.example', MAILBOX_DIGEST_LENGTH));

function deliveryTo(destination: string): NumberedDelivery {
  const untried = {
    state: 'delivered',
    attempts: 1,
    firstAttemptMs: 0,
    lastResult: '',
    nextAttemptMs: undefined,
  } as const;
  return { ...REPORT, ...untried, policyDomain: 'x.example', destination, number: 1 };
}

function bounce(changes: Partial<Bounce> = {}): Bounce {
  const empty = { status: undefined, words: '', tokens: [], identity: '' };
  return { ...empty, action: 'failed', recipients: ['tls@x.example'], messageIds: [MESSAGE_ID], ...changes };
}

function isOf(destination: string, changes: Partial<Bounce> = {}): boolean {
  return cluesIn(bounce(changes), undefined).some((clue) => clue.isOf(soughtDelivery(deliveryTo(destination))));
}

describe('The Message-ID in a bounce', () => {
  it('says where to look for the report, and proves not who writes it', () => {
    const [clue] = cluesIn(bounce(), undefined);
    expect(clue).toMatchObject({ day: '2026-11-19', sought: { reportId: REPORT.reportId } });
    expect(clue?.isProof(soughtDelivery(deliveryTo('mailto:Tls@x.example')))).toBe(false);
  });

  it('is of the delivery to that mailbox, and of none to another', () => {
    expect(isOf('mailto:Tls@x.example')).toBe(true);
    expect(isOf('mailto:b@x.example')).toBe(false);
    expect(isOf('https://x.example/')).toBe(false);
  });

  it('is of none where the bounce names another mailbox, or nobody', () => {
    expect(isOf('mailto:Tls@x.example', { recipients: ['archive@sender.example'] })).toBe(false);
    expect(isOf('mailto:Tls@x.example', { recipients: [] })).toBe(false);
  });

  it('counts only where it is one of few', () => {
    const forged = Array.from({ length: 20 }, (_, at) =>
      MESSAGE_ID.replace(/.{12}@s/, `${String(at).padStart(12, '0')}@s`),
    );
    expect(cluesIn(bounce({ messageIds: forged }), undefined)).toHaveLength(4);
    expect(isOf('mailto:Tls@x.example', { messageIds: [...forged, MESSAGE_ID] })).toBe(false);
    expect(isOf('mailto:Tls@x.example', { messageIds: [...forged.slice(0, 3), MESSAGE_ID] })).toBe(true);
  });

  it.each(['<x@y.example>', MESSAGE_ID.replace('2026-11-19', '2026-99-99')])('is none in %s', (messageId) => {
    expect(cluesIn(bounce({ messageIds: [messageId] }), undefined)).toEqual([]);
  });

  it('and what may be a token are passed over while there is no key', () => {
    expect(cluesIn(bounce({ messageIds: [], tokens: ['a'.repeat(26)] }), undefined)).toEqual([]);
  });
});

describe('The token in a bounce', () => {
  it.each<[string, readonly string[], boolean]>([
    ['that mailbox', ['member@y.example', 'tls@x.example'], true],
    ['nobody', [], true],
    ['a member behind that mailbox alone', ['member@y.example'], false],
  ])(
    'is of its delivery where the notice names %s, and held against the address only where that may be meant',
    (_, recipients, isProof) => {
      const tokens = new BounceTokens(Buffer.alloc(32));
      const delivery = deliveryTo('mailto:Tls@x.example');
      const token = tokens.of({ day: '2026-11-19' as UtcDay, number: 1 }, delivery);
      const [clue] = cluesIn(bounce({ recipients, messageIds: [], tokens: [token] }), tokens);
      const sought = soughtDelivery(delivery);
      expect([clue?.isOf(sought), clue?.isProof(sought)]).toEqual([true, isProof]);
    },
  );
});
