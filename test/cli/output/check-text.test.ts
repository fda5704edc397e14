import { describe, expect, it } from 'vitest';
import { checkText } from '#cli/output/check-text.ts';
import type { Finding } from '#pipeline/check/finding.ts';

function textOf(...findings: readonly Finding[]): string {
  return checkText({ domain: 'a.example', nameServers: ['192.0.2.53'], isValidating: undefined, findings });
}

describe('checkText', () => {
  it.each([
    ['at the beginning', 0],
    ['in the middle', 400],
    ['at the end', 990],
  ])('shows of a long line what is around the mistake: %s', (_what, start) => {
    const text = `${'a'.repeat(start)}XY${'b'.repeat(1_000 - start)}`;
    const place = { text, line: 1, start, length: 2 };
    const [, , excerpt = '', marks = ''] = textOf({ about: 'sts-policy', state: 'wrong', cause: 'odd', place }).split(
      '\n',
    );
    expect(marks.trim()).toBe('^^');
    expect(excerpt.slice(marks.indexOf('^'), marks.length)).toBe('XY');
    expect(excerpt.length).toBeLessThanOrEqual(80);
  });

  it('points behind the end for what is missing there', () => {
    const place = { text: 'v=STSv1;;', line: 1, start: 8, length: 1 };
    expect(textOf({ about: 'sts-record', state: 'wrong', cause: 'odd', place })).toContain(
      '          v=STSv1;;\n                  ^\n',
    );
  });

  it('gives a command once for findings that follow each other', () => {
    const finding: Finding = { about: 'mx', state: 'note', cause: 'odd', command: 'dig MX a.example' };
    expect(textOf(finding, finding, { ...finding, command: 'dig A a.example' }).match(/\$ .*/g)).toEqual([
      '$ dig MX a.example',
      '$ dig A a.example',
    ]);
  });

  it('names the address where those of a host differ', () => {
    expect(
      textOf({ about: 'starttls', state: 'ok', cause: 'TLSv1.3', host: 'mx.a.example', address: '192.0.2.1' }),
    ).toBe('a.example (asked 192.0.2.53)\n  ok      STARTTLS of mx.a.example at 192.0.2.1: TLSv1.3\n');
  });
});
