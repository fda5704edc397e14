import { describe, expect, it } from 'vitest';
import { mimeParts } from '#adapters/mail/editing/mime-parts.ts';
import type { MimePart } from '#adapters/mail/editing/mime-parts.ts';
import { OpenBoundaries } from '#adapters/mail/open-boundaries.ts';
import { lines } from '#test/support/inbound-mails.ts';
import { mixedOf, plain, REPORT_PART } from '#test/support/mime-mails.ts';

const LINES = 20_000;

function typesIn({ content, parts }: MimePart): string[] {
  return [content.type, ...parts.flatMap(typesIn)];
}

/** Each multipart begins with the next one, and behind the innermost stand lines that begin like a boundary. */
function nested(depth: number): Buffer {
  const begin = (level: number): string[] => [
    `Content-Type: multipart/mixed; boundary="B${String(level)}"`,
    '',
    `--B${String(level)}`,
  ];
  const inner = Array.from({ length: depth }, (_, level) => begin(level)).flat();
  return lines('From: a@b.example', ...inner, ...plain, ...Array.from({ length: LINES }, () => '--x'), '--B0--');
}

describe('the parts of a mail', () => {
  it('are found while each line that begins like a boundary is looked up once or twice, however deep they are', () => {
    for (const depth of [1, 10, 29]) {
      const boundaries = new OpenBoundaries();
      const root = mimeParts(nested(depth), boundaries);
      expect(root && typesIn(root)).toHaveLength(depth + 1);
      expect(boundaries.lookUps).toBeLessThan(LINES + 3 * depth + 3);
    }
  });

  it('are found while a header without an end is read once', () => {
    const boundaries = new OpenBoundaries();
    const headers = Array.from({ length: 500 }, (): string[] => ['Content-Type: text/plain', 'X: y']);
    expect(mimeParts(mixedOf(headers), boundaries)?.parts).toHaveLength(500);
    expect(boundaries.lookUps).toBeLessThan(2 * 500 + 3);
  });

  it('are unsure in a mail with more lines like boundaries than one could look up in time', () => {
    const dashed = (count: number): string[] => ['', '--\r\n'.repeat(count)];
    expect(mimeParts(mixedOf([plain, dashed(500_001), REPORT_PART]))).toBeUndefined();
    expect(mimeParts(mixedOf([plain, dashed(1_000), REPORT_PART]))?.parts).toHaveLength(3);
  });

  it('end at their boundary, however many bytes it has and blanks are behind it', () => {
    for (const boundary of ['B\u00e0', 'b b', 'x'.repeat(200)]) {
      const mail = lines(
        `Content-Type: multipart/mixed; boundary="${boundary}"`,
        ...['', `--${boundary} \t `, '', 'a', `--${boundary}x`, `--${boundary}-- `, '--'],
      );
      const root = mimeParts(mail);
      const bodies = root?.parts.map(({ bodyStart, bodyEnd }) => mail.toString('utf8', bodyStart, bodyEnd));
      expect([boundary, bodies]).toEqual([boundary, boundary.startsWith('B') ? [] : [`a\r\n--${boundary}x`]]);
    }
  });
});
