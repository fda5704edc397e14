import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { documentDigest, entryOf } from '#store/inbound/inbound-content.ts';
import { entryToPack } from '#test/support/inbound-entries.ts';

const digestOf = (text: string): string => documentDigest(Buffer.from(text));

describe('What a document is known by', () => {
  it.each([
    '{"a": [1, 2], "b": "c"}',
    '\ufeff{"a":[1,2],"b":"c"}\n',
    '{\r\n\t"a" : [ 1 , 2 ] ,\r\n\t"b" : "c"\r\n}\r\n\r\n',
  ])('does not depend on blanks and ends of lines between its words: %j', (text) => {
    expect(digestOf(text)).toBe(digestOf('{"a":[1,2],"b":"c"}'));
  });

  it.each([
    ['{"a":"b c"}', '{"a":"bc"}'],
    [String.raw`{"a":"\" b"}`, String.raw`{"a":"\"b"}`],
    [String.raw`{"a":"\\","b":" "}`, String.raw`{"a":"\\","b":""}`],
    ['{"a":1}', '{"a":2}'],
    ['{"a":"', '{"a":"\\'],
    ['', '{}'],
  ])('depends on everything else: %j is not %j', (one, other) => {
    expect(digestOf(one)).not.toBe(digestOf(other));
  });
});

describe('A report that was stored before its summary said how much it leaves out', () => {
  it('leaves out nothing', () => {
    const { report } = entryToPack();
    const stored = JSON.stringify({ ...report, policies: [] });
    const row = {
      number: 1,
      source: 'a',
      received_ms: 0,
      verification: '{}',
      is_id_reused: 0,
      summary: deflateSync(stored),
    };
    expect(entryOf(row, 'a.sqlite').report).toMatchObject({ omittedPolicies: 0, omittedTypes: 0 });
  });
});
