import { describe, expect, it } from 'vitest';
import { readStsRecord, selectStsRecord } from '#tlsrpt/sts-record.ts';

describe('readStsRecord', () => {
  it.each([
    ['v=STSv1; id=20160831085700Z;', '20160831085700Z'], // the example of RFC 8461 3.1
    ['v=STSv1;id=1', '1'], // no blanks, no semicolon at the end
    ['v=STSv1; x-1.y_z=!"#/:<>?@~; id=a', 'a'], // an extension may stand first
    ['v=STSv1 ;\tid=a', 'a'], // white space is tab, too
  ])('good: %s', (record, id) => {
    expect(readStsRecord(record)).toEqual({ kind: 'record', id });
  });

  it.each([
    ['v=STSv1;', 'it has no id field', ''], // nothing but the version
    ['v=STSv1; id=2024-01-01', 'letters and digits', 'id=2024-01-01'], // a hyphen is neither
    ['v=STSv1; id=', 'letters and digits', 'id='], // empty
    [`v=STSv1; id=${'1'.repeat(33)}`, 'letters and digits', `id=${'1'.repeat(33)}`], // too long
    ['v=STSv1; id 1', 'name=value', 'id 1'], // no equals sign
    ['v=STSv1;; id=1', 'name=value', ''], // an empty field
    ['v=STSv1; id=1; id=2', 'more than one', 'id=2'], // which one counts?
  ])('bad: %s', (record, why, mistake) => {
    const reading = readStsRecord(record);
    expect(reading).toMatchObject({ kind: 'invalid' });
    if (reading.kind !== 'invalid') return;
    expect(reading.why).toContain(why);
    if (mistake !== '')
      expect(reading.place).toMatchObject({ start: record.lastIndexOf(mistake), length: mistake.length });
  });

  it('takes nothing from a text that is longer than any DNS record', () => {
    expect(readStsRecord(`v=STSv1;id=1;x=${'1'.repeat(5_000)}`)).toMatchObject({ kind: 'invalid' });
  });
});

describe('selectStsRecord', () => {
  it('passes over other TXT records, and joins the strings of one', () => {
    expect(selectStsRecord([['v=spf1 -all'], ['v=STSv1; ', 'id=1'], ['v=STSv10; id=1']])).toEqual({
      kind: 'one',
      record: 'v=STSv1; id=1',
    });
  });

  it('tells several records from one', () => {
    expect(selectStsRecord([['v=STSv1; id=1'], ['v=STSv1; id=1']])).toMatchObject({ kind: 'several' });
  });
});
