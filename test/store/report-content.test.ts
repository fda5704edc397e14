import { describe, expect, it } from 'vitest';
import { packTexts, unpackTexts } from '#store/report-content.ts';

const texts = {
  subject: '2026-11-19.a.example.0123',
  document: '{"report-id":"2026-11-19.a.example.0123@mx.example"}',
  fileName: 'mx.example!a.example!1!2!0123.json.gz',
  counts: '[["HvtLIBkGLQJ6PA95",10,0,[]]]',
  summary: 'SMTP TLS report about a.example\n\x1eä\u{1f512}',
};

describe('The texts of a report', () => {
  it('are what they were, however long', () => {
    expect(unpackTexts('id', packTexts(texts))).toEqual(texts);
    const long = { ...texts, document: '"ä"'.repeat(1_000_000) };
    expect(unpackTexts('id', packTexts(long))).toEqual(long);
  });

  it('can always be read that were once compressed', () => {
    const packed =
      '037bdad050d7d0522f512fb52231b7202755cfc0d0c858ae1a391b29e154e7905b01e32bd5ca21388a70658a868a468a20a5c831e25156e2e3e994edee13e86516e068694a308614e0e671c91d5ef261fe944900';
    expect(unpackTexts('id', Buffer.from(packed, 'hex'))).toEqual(texts);
  });

  it('that are damaged are told as that, with the report', () => {
    const packed = packTexts(texts);
    expect(() => unpackTexts('id@mx.example', packed.subarray(0, 20))).toThrow(
      /report id@mx\.example is damaged \(unexpected end of file\)/,
    );
  });
});
