import { describe, expect, it } from 'vitest';
import { findingsText } from '#cli/output/findings-text.ts';
import type { Finding } from '#pipeline/doctor/finding.ts';

const findings: readonly Finding[] = [
  { grade: 'ok', check: 'disk', what: 'There is room.' },
  { grade: 'warning', check: 'mail', what: 'It says \u001b[2J.', fix: 'ask it' },
  { grade: 'broken', check: 'socket', what: 'There is none.', fix: 'make one' },
];

describe('findingsText', () => {
  it('has the worst first, each with its fix, and nothing that tricks a terminal', () => {
    expect(findingsText(findings, (_, text) => text)).toBe(
      'broken   socket: There is none.\n         fix: make one\n' +
        'warning  mail: It says \\u001b[2J.\n         fix: ask it\n' +
        'ok       disk: There is room.\n',
    );
  });

  it('colours the grades', () => {
    const lines = findingsText(findings, (meaning, text) => `<${meaning}>${text}`).split('\n');
    expect(lines.map((line) => /^<\w+>/.exec(line)?.[0] ?? '')).toEqual(['<bad>', '', '<waits>', '', '<good>', '']);
  });
});
