import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDeliveryStatus } from '#tlsrpt/delivery-status.ts';

const PER_MESSAGE = 'Reporting-MTA: dns; mx.example\r\n';

function recipient(...lines: readonly string[]): string {
  return `${PER_MESSAGE}\r\n${lines.join('\r\n')}\r\n`;
}

describe('The part of a notification for programs', () => {
  it('says of each recipient what became of the mail, and why', () => {
    const text = `${recipient('Original-Recipient: rfc822;List@x.example', 'Final-Recipient: RFC822; <a@x.example>', 'Action: failed', 'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 no', ' such user')}\r\n\r\nFinal-Recipient: rfc822;b@x.example\r\nAction: Delayed\r\nStatus: 4.4.1\r\n`;
    expect(readDeliveryStatus(text)).toEqual([
      {
        action: 'failed',
        status: '5.1.1',
        words: '550 5.1.1 no\r\n such user',
        mailboxes: ['list@x.example', 'a@x.example'],
      },
      { action: 'delayed', status: '4.4.1', words: '', mailboxes: ['b@x.example'] },
    ]);
  });

  it.each([
    [
      'an action with a comment',
      ['Action: failed (mailbox gone)', 'Status: 5.2.1'],
      { action: 'failed', status: '5.2.1' },
    ],
    ['a status with words', ['Action: failed', 'Status: 5.1.1 (bad mailbox)'], { status: '5.1.1' }],
    ['no status but in the words', ['Action: failed', 'Diagnostic-Code: smtp;550 5.7.1 no'], { status: '5.7.1' }],
    ['no status at all', ['Action: failed', 'Diagnostic-Code: smtp; 550 no'], { status: undefined }],
    [
      'names in other letters',
      ['ACTION : failed', 'final-recipient: rfc822;A@x.example'],
      { mailboxes: ['a@x.example'] },
    ],
    ['a recipient of another world', ['Final-Recipient: x400; /C=DE/S=A', 'Action: failed'], { mailboxes: [] }],
    ['lines that are no fields', ['what is this', 'Action: failed', ''], { action: 'failed' }],
  ])('is read with %s', (_, lines, expected) => {
    expect(readDeliveryStatus(recipient(...lines))).toMatchObject([expected]);
  });

  it('says nothing without an action', () => {
    expect(readDeliveryStatus(recipient('Final-Recipient: rfc822;a@x.example', 'Status: 5.1.1'))).toEqual([]);
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Action: failed', '\n', '\r\n', ' ', ':', 'Status:', '5.1.1', 'ä')),
        (pieces) => {
          expect(Array.isArray(readDeliveryStatus(pieces.join('')))).toBe(true);
        },
      ),
    );
    expect(readDeliveryStatus('Action: failed\n\n'.repeat(10_000)).length).toBeLessThanOrEqual(200);
  });
});
