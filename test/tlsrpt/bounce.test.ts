import { describe, expect, it } from 'vitest';
import { isAboutReceiver, readBounce } from '#tlsrpt/bounce.ts';
import type { DeliveryNotice } from '#tlsrpt/bounce.ts';

const MESSAGE_ID = `<2026-11-19.x.example.${'0'.repeat(32)}.0123456789ab@sender.example>`;
const TOKEN = 'abcdefghijklmnopqrstuvwx27';

function notice(changes: Partial<DeliveryNotice> = {}): DeliveryNotice {
  const status =
    'A: b\n\nFinal-Recipient: rfc822;a@x.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no';
  return { header: 'From: x@y.example', status, text: '', returned: `Message-ID: ${MESSAGE_ID}`, ...changes };
}

describe('A bounce', () => {
  it('says who did not get which mail, and why, in one line', () => {
    expect(readBounce(notice())).toMatchObject({
      action: 'failed',
      status: '5.1.1',
      words: '5.1.1 550 no',
      recipients: ['a@x.example'],
      tokens: [],
      messageIds: [MESSAGE_ID],
    });
  });

  it.each<[string, Partial<DeliveryNotice>]>([
    ['in the header', { header: `To: <b+${TOKEN}@mx.example>` }],
    ['in the part for programs', { status: `X-Postfix-Sender: rfc822; b+${TOKEN}@mx.example\n\nAction: failed` }],
    ['in the header that is given back', { returned: `Return-Path: <b+${TOKEN}@mx.example>` }],
  ])('has the name of its delivery %s', (_, changes) => {
    expect(readBounce(notice(changes))?.tokens).toEqual([TOKEN]);
  });

  it('of a mail that cannot be ours is none', () => {
    expect(readBounce(notice({ returned: 'Message-ID: <x@y.example>' }))).toBeUndefined();
  });

  it('is what failed, also where others got it; a delay or a receipt is told as what it is', () => {
    const groups = ['relayed', 'delayed', 'failed'].map(
      (action) => `Action: ${action}\nFinal-Recipient: rfc822;${action}@x.example`,
    );
    const of = (...told: string[]): unknown => readBounce(notice({ status: told.join('\n\n') }));
    expect(of(...groups)).toMatchObject({ action: 'failed', recipients: ['failed@x.example'] });
    expect(of(...groups.slice(0, 2))).toMatchObject({ action: 'delayed', recipients: ['delayed@x.example'] });
    expect(of(...groups.slice(0, 1))).toMatchObject({ action: 'other', words: '' });
    expect(of()).toMatchObject({ action: 'other' });
  });

  it('has no controls in its words, and no more of them than are kept', () => {
    const status = `Action: failed\nDiagnostic-Code: smtp; \u001b[31m550\u202e ${'no '.repeat(1_000)}`;
    const { words = '' } = readBounce(notice({ status })) ?? {};
    expect(words).toMatch(/^\[31m550 +no no/);
    expect(words.length).toBeLessThanOrEqual(300);
  });

  it.each([
    ['failed', '5.1.1', true],
    ['failed', '5.2.2', true],
    ['failed', '5.7.26', false], // it has something against us
    ['failed', '5.1.8', false],
    ['failed', '4.4.7', false], // the time ran out
    ['failed', undefined, false],
    ['delayed', '5.1.1', false],
  ] as const)('%s with %s is about the receiver for good: %s', (action, status, expected) => {
    expect(isAboutReceiver({ action, status })).toBe(expected);
  });
});
