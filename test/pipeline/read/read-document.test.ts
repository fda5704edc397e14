import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readDocument } from '#pipeline/read/read-document.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';

const JSON_BYTES = Buffer.from(JSON.stringify(soundDocument()));

describe('reading the bytes of a document', () => {
  it.each<[string, Buffer, string[]]>([
    ['JSON', JSON_BYTES, []],
    ['JSON behind blanks', Buffer.concat([Buffer.from('\r\n '), JSON_BYTES]), []],
    ['gzip', gzipSync(JSON_BYTES), []],
    ['zlib', deflateSync(JSON_BYTES), []],
    ['gzip of UTF-16', gzipSync(Buffer.from(`\ufeff${JSON_BYTES.toString()}`, 'utf16le')), ['not-utf8']],
    ['UTF-16', Buffer.from(`\ufeff${JSON_BYTES.toString()}`, 'utf16le'), ['not-utf8']],
    [
      'gzip in pieces',
      Buffer.concat([gzipSync(JSON_BYTES.subarray(0, 99)), gzipSync(JSON_BYTES.subarray(99))]),
      ['gzip-members'],
    ],
    [
      'gzip with a line end behind it',
      Buffer.concat([gzipSync(JSON_BYTES), Buffer.from('\r\n')]),
      ['trailing-content'],
    ],
    ['gzip without its checksum', gzipSync(JSON_BYTES).subarray(0, -8), ['gzip-torn']],
  ])('takes %s', (_what, bytes, remarks) => {
    const reading = readDocument(bytes);
    if (reading.kind !== 'reports') throw new Error(reading.code);
    expect(reading.reports.map(({ policies }) => policies.map(({ failed }) => failed))).toEqual([[303]]);
    expect(reading.reports.flatMap((report) => report.remarks.map(({ code }) => code))).toEqual(remarks);
  });

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['words', Buffer.from('Dear postmaster'), 'not-recognized'],
    ['an archive', Buffer.from('PK\u0003\u0004rest', 'latin1'), 'archive'],
    ['half a gzip', gzipSync(JSON_BYTES).subarray(0, 200), 'truncated'],
    ['half a zlib', deflateSync(JSON_BYTES).subarray(0, 200), 'damaged'],
    ['a gzip with a wrong checksum', Buffer.concat([gzipSync(JSON_BYTES).subarray(0, -8), Buffer.alloc(8)]), 'damaged'],
    ['a bomb of gzip', gzipSync(Buffer.alloc(20_000_000, ' ')), 'too-large'],
    ['a bomb of zlib', deflateSync(Buffer.alloc(20_000_000, ' ')), 'too-large'],
    ['a gzip of something else', gzipSync('{"a": 1}'), 'not-a-report'],
  ])('refuses %s with the reason', (_what, bytes, code) => {
    expect(readDocument(bytes)).toEqual({ kind: 'unreadable', code });
  });
});
