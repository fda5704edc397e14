import { describe, expect, it } from 'vitest';
import { headerField } from '#adapters/mail/header-field.ts';

describe('a header field', () => {
  it('is its name and value', () => {
    expect(headerField('To', 'tls@good.example')).toBe('To: tls@good.example');
  });

  it('folds between the pieces it is given', () => {
    expect(headerField('Subject', 'one', 'two three')).toBe('Subject: one\r\n two three');
  });

  it('has 998 octets in a line at most', () => {
    expect(headerField('X', 'y'.repeat(995))).toHaveLength(998);
    expect(() => headerField('X', 'y'.repeat(996))).toThrow('X');
  });

  it.each(['a\rb', 'a\nb', 'a\0b', 'a\tb', 'ä', '\x7f'])('refuses %j', (value) => {
    expect(() => headerField('X', value)).toThrow('X');
    expect(() => headerField('X', 'first', value)).toThrow('X');
  });
});
