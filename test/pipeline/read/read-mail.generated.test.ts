import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMail } from '#pipeline/read/read-mail.ts';
import { forwarded, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

const whole = [reportMail(), forwarded(reportMail())];

describe('reading a mail, whatever becomes of it on its way', () => {
  it('gives the right numbers or a reason, wherever it is cut, or a piece of it is missing, doubled or changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...whole),
        fc.nat(),
        fc.nat(200),
        fc.constantFrom('cut', 'drop', 'double', 'change'),
        async (mail, place, length, how) => {
          const at = place % mail.length;
          const piece = mail.subarray(at, at + length);
          const changed = {
            cut: mail.subarray(0, at),
            drop: Buffer.concat([mail.subarray(0, at), mail.subarray(at + length)]),
            double: Buffer.concat([mail.subarray(0, at), piece, mail.subarray(at)]),
            change: Buffer.concat([mail.subarray(0, at), Buffer.from('='), mail.subarray(at + 1)]),
          }[how];
          const reading = await readMail(changed, openerHere, unaskedSender);
          if (reading.kind === 'reports')
            for (const {
              report: { policies },
            } of reading.reports)
              expect(policies.map(({ successful, failed }) => [successful, failed])).toEqual([[5_326, 303]]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
