import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText, jsonTexts } from '#cli/output/json-text.ts';

describe('jsonText', () => {
  it('is indented and ends with a line feed', () => {
    expect(jsonText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });

  it('has no control character but line feeds, and says the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(jsonText({ text })).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
        expect(JSON.parse(jsonText({ text }))).toEqual({ text });
      }),
    );
  });
});

describe('jsonTexts', () => {
  it('makes up the same text piece by piece', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect([...jsonTexts(value)].join('')).toBe(jsonText(value));
      }),
    );
  });

  it('takes what can be iterated for an array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        expect([...jsonTexts(values.values())].join('')).toBe(jsonText(values));
      }),
    );
  });
});
