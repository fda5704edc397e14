import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPosted } from '#pipeline/read/read-posted.ts';
import type { PostedReport } from '#pipeline/read/posted-report.ts';
import { bytesOf, soundDocument } from '#test/support/inbound-documents.ts';

const JSON_BYTES = bytesOf(soundDocument());
const GZIP = gzipSync(JSON_BYTES);
const [JSON_TYPE, GZIP_TYPE] = ['application/tlsrpt+json', 'application/tlsrpt+gzip'];

function reading(bytes: Buffer, mediaType: string, isPacked = false): unknown {
  const posted: PostedReport = { from: '192.0.2.1', bytes, mediaType, isPacked };
  const read = readPosted(posted);
  return Array.isArray(read) ? read.map(({ report }) => report.remarks.map(({ code }) => code)) : read.code;
}

describe('A document that is posted', () => {
  it.each<[string, Buffer, string, boolean]>([
    ['as it is', JSON_BYTES, JSON_TYPE, false],
    ['in gzip', GZIP, GZIP_TYPE, false],
    ['packed for the way', GZIP, JSON_TYPE, true],
    ['in gzip, and packed for the way', gzipSync(GZIP), GZIP_TYPE, true],
  ])('is read %s', (_, bytes, mediaType, isPacked) => {
    expect(reading(bytes, mediaType, isPacked)).toEqual([[]]);
  });

  it.each<[string, Buffer, string, boolean]>([
    ['gzip that is called JSON', GZIP, JSON_TYPE, false],
    ['JSON that is called gzip', JSON_BYTES, GZIP_TYPE, false],
    ['gzip that is said to be packed once more, and is not', GZIP, GZIP_TYPE, true],
    ['what a general type is said of', JSON_BYTES, 'application/json', false],
    ['zlib', deflateSync(JSON_BYTES), JSON_TYPE, true],
  ])('is read with a remark: %s', (_, bytes, mediaType, isPacked) => {
    expect(reading(bytes, mediaType, isPacked)).toEqual([['media-type']]);
  });

  it('is read where it is said to be packed and is not', () => {
    expect(reading(JSON_BYTES, JSON_TYPE, true)).toEqual([[]]);
  });

  it.each<[string, Buffer, string]>([
    ['empty', Buffer.alloc(0), 'empty'],
    ['not-recognized', Buffer.from('From: a mail\r\n\r\n'), 'not-recognized'],
    ['not-json', Buffer.from('{"a'), 'truncated'],
    ['not-a-report', Buffer.from('{}'), 'not-a-report'],
    ['a gzip bomb', gzipSync(Buffer.alloc(64_000_000, ' ')), 'too-large'],
    ['a gzip bomb in gzip', gzipSync(gzipSync(Buffer.alloc(64_000_000, ' '))), 'too-large'],
    ['half a gzip', gzipSync(GZIP).subarray(0, 30), 'truncated'],
    ['too many brackets', Buffer.from(`{"policies":[${'[],'.repeat(200_000)}[]]}`), 'too-complex'],
  ])('is unreadable for the reasons that a file is: %s', (_, bytes, code) => {
    expect(reading(bytes, GZIP_TYPE, true)).toBe(code);
  });
});
