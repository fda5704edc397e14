import { describe, expect, it } from 'vitest';
import { RejectedLines } from '#cli/output/rejected-lines.ts';

describe('Rejected lines', () => {
  it('are none when every line was used', () => {
    const lines = new RejectedLines();
    for (let line = 1; line <= 100; line += 1) lines.note(line, 'tallied');
    expect(lines.event()).toBeUndefined();
  });

  it('are named with the reason', () => {
    const lines = new RejectedLines();
    lines.note(1, 'tallied');
    lines.note(2, 'not-json');
    expect(lines.event()).toMatchObject({
      level: 'warning',
      name: 'lines-rejected',
      message: '1 line was not counted: 2 (not-json).',
    });
    lines.note(7, 'no-domain');
    expect(lines.event()?.message).toBe('2 lines were not counted: 2 (not-json), 7 (no-domain).');
  });

  it('are counted when they are too many to be named', () => {
    const lines = new RejectedLines();
    for (let line = 1; line <= 1_000; line += 1) lines.note(line, 'not-json');
    const event = lines.event();
    expect(event?.message).toMatch(/^1000 lines were not counted: 1 \(not-json\), .* 20 \(not-json\) and 980 more\.$/);
    expect(event?.facts).toMatchObject({ count: 1_000 });
  });
});
