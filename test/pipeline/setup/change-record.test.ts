import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRecord, formatRecord, parseRecord, withChange } from '#pipeline/setup/change-record.ts';
import { Problem } from '#support/problem.ts';

const CHANGE = {
  place: { kind: 'parameter', configDirectory: '/etc/postfix', name: 'smtp_tlsrpt_enable' },
  value: 'yes',
  before: null,
} as const;

describe('The record of changes', () => {
  it('is read as it was written', () => {
    const record = withChange(emptyRecord, CHANGE);
    expect(record).toEqual({ changes: [CHANGE], toReload: ['/etc/postfix'] });
    expect(parseRecord(formatRecord(record), 'x')).toEqual(record);
  });

  it.each(['', '{}', '[]', '{"version":2,"changes":[],"toReload":[]}', '{"version":1,"changes":[{}],"toReload":[]}'])(
    'is refused when it is another: %s',
    (text) => {
      expect(() => parseRecord(text, '/etc/tlsrpt/postfix-setup.json')).toThrow(
        expect.objectContaining({
          code: 'configuration-error',
          message: expect.stringContaining('/etc/tlsrpt/postfix-setup.json') as string,
        }),
      );
    },
  );

  it('is a record or a problem, whatever is in the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseRecord(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});
