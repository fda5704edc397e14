import { describe, expect, it } from 'vitest';
import { withoutControls } from '#support/without-controls.ts';

const HOSTILE = 'a\u001b[2J\r\nb\u0000\u007f\u009b2J\u202e\u2066\u200f\u061c\u2028c';

describe('withoutControls', () => {
  it('shows what it takes out', () => {
    expect(withoutControls(HOSTILE)).toBe(
      'a\\u001b[2J\\u000d\\u000ab\\u0000\\u007f\\u009b2J\\u202e\\u2066\\u200f\\u061c\\u2028c',
    );
  });

  it('leaves other text alone', () => {
    expect(withoutControls('Grüße, 例え 📧 \\u001b')).toBe('Grüße, 例え 📧 \\u001b');
  });
});
