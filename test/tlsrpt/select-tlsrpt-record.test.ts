import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectTlsrptRecord } from '#tlsrpt/select-tlsrpt-record.ts';

const RECORD = 'v=TLSRPTv1; rua=mailto:a@x.example';
const OTHER = 'v=TLSRPTv1; rua=mailto:b@x.example';
const BLANK = 'v=TLSRPTv1 ; rua=mailto:c@x.example';

describe('selectTlsrptRecord', () => {
  it.each([
    [[[RECORD]]],
    [[[RECORD], ['v=spf1 -all'], ['v=STSv1; id=1;']]], // R7: others are dropped
    [[['google-site-verification=x'], [RECORD]]], // R7: wherever it stands
    [[[RECORD], ['v=TLSRPTv2; rua=mailto:a@x.example']]], // R7: another version is another record
    [[[RECORD], ['v=TLSRPTv10;rua=mailto:a@x.example']]], // R7
    [[[RECORD], ['V=TLSRPTv1; rua=mailto:a@x.example']]], // R7: case matters
    [[[RECORD], [` ${RECORD}`]]], // R7: nothing may stand before it
    [[[RECORD], [`"${RECORD}"`]]], // R7: nor quotes
    [[['v=TLSRPTv1; rua=mail', 'to:a@x', '.example']]], // R9: joined without a separator
    [[['v=TLS', 'RPTv1; rua=mailto:a@x.example']]], // R9: joined before it is looked at
    [[[RECORD, '', '']]], // R9
    [[[RECORD], [BLANK]]], // A3: the plain form wins
    [[[BLANK], [RECORD], [BLANK]]], // A3
  ])('good: %j', (answer) => {
    expect(selectTlsrptRecord(answer)).toEqual({ kind: 'one', record: RECORD });
  });

  it.each([
    [[[BLANK]], BLANK], // A3: the grammar allows blanks before the delimiter
    [[['v=TLSRPTv1\t;rua=x']], 'v=TLSRPTv1\t;rua=x'], // A3: WSP is tab, too
    [[['v=TLSRPTv1']], 'v=TLSRPTv1'], // one that asks for nothing; reading it tells why
  ])('good: %j, as it is written', (answer, record) => {
    expect(selectTlsrptRecord(answer)).toEqual({ kind: 'one', record });
  });

  it.each([
    [[]], // no TXT record
    [[[]]], // one without strings
    [[['']]],
    [[['v=spf1 -all'], ['v=DMARC1; p=none']]], // R8: none is left
    [[['v=TLSRPTv1', 'rua=mailto:a@x.example']]], // R9: joined, it is no delimiter that is between them
    [[['v=TSLRPTv1; rua=mailto:a@x.example']]], // R22
  ])('bad: %j has none', (answer) => {
    expect(selectTlsrptRecord(answer)).toEqual({ kind: 'none' });
  });

  it.each([
    [[RECORD, OTHER]], // R8: whatever they say
    [[RECORD, RECORD]], // R8: the same twice counts as two
    [[RECORD, 'v=TLSRPTv1;']], // R8: even if only one of them could be read
    [[BLANK, BLANK]], // A3: no plain form, and two of the other
  ])('bad: %j are several', (...records) => {
    expect(selectTlsrptRecord(records.flat().map((record) => [record]))).toEqual({
      kind: 'several',
      records: records.flat(),
    });
  });

  it('does not depend on the order of the answer, nor on how a record is cut into strings', () => {
    const answer = fc.array(fc.constantFrom(RECORD, OTHER, BLANK, 'v=spf1 -all', ''), { maxLength: 5 });
    const cut = (text: string, at: number): string[] => [text.slice(0, at), text.slice(at)];
    fc.assert(
      fc.property(answer, fc.nat(20), (texts, at) => {
        const whole = selectTlsrptRecord(texts.map((text) => [text]));
        const inPieces = selectTlsrptRecord([...texts].reverse().map((text) => cut(text, at)));
        expect(inPieces).toEqual(
          whole.kind === 'several' ? { ...whole, records: [...whole.records].reverse() } : whole,
        );
      }),
    );
  });
});
