import { describe, expect, it } from 'vitest';
import { coverageProblems, readRequirements, unknownReferences } from '../../scripts/rfc-coverage.ts';
import type { RequirementTable } from '../../scripts/rfc-coverage.ts';

const FILES = new Map([
  ['src/a.ts', 'export function a(): void {}\n'],
  ['test/a.test.ts', "it('does a', () => {});\n"],
]);

/** The problems of a table with one requirement, which is in order but for the change. */
function problemsOf(change: string): string[] {
  return coverageProblems(tableWith(change), (path) => FILES.get(path));
}

function tableWith(change: string): RequirementTable {
  const row = { clause: '"4.4"', code: '["src/a.ts: function a"]', tests: '["test/a.test.ts: does a"]' };
  const [key = '', value = ''] = change.split(' = ');
  const lines = Object.entries({ ...row, [key]: value }).filter(([, text]) => text !== '');
  return readRequirements(`
    sections = ["4.4"]
    others = ["R31"]
    open = []
    [[requirement]]
    id = "R26"
    level = "MUST"
    text = "It is so."
    ${lines.map(([name, text]) => `${name} = ${text}`).join('\n')}`);
}

describe('the table of requirements', () => {
  it('is in order when line and test are there', () => {
    expect(problemsOf('why = "Since."')).toEqual([]);
  });

  it.each([
    ['code = ["src/a.ts: function b"]', 'R26: no line with src/a.ts: function b'],
    ['code = ["src/b.ts: function a"]', 'R26: no line with src/b.ts: function a'],
    ['tests = ["test/a.test.ts: does"]', 'R26: no test test/a.test.ts: does'],
    ['tests = []', 'R26 says neither where it is done and tested nor why not'],
    ['clause = "4.9"', 'R26: RFC 8460 has no section 4.9'],
  ])('is not in order with %s', (change, problem) => {
    expect(problemsOf(change)).toEqual([problem]);
  });
});

describe('a reference in a file', () => {
  // In pieces, since this file is looked through as well.
  const [section, requirement] = ['9'.repeat(2), `R${'9'.repeat(2)}`];

  it.each([
    ['x(); // RFC 8460 4.4, R26, and what readers do: R31', []],
    [`x(); // RFC 8460 ${section}.1`, [`a.ts: RFC 8460 has no section ${section}.1`]],
    [`x(); // R26, ${requirement}`, [`a.ts: there is no requirement ${requirement}`]],
    [`x('${requirement}');`, []],
  ])('is known or told: %s', (source, problems) => {
    expect(unknownReferences('a.ts', source, tableWith('why = "Since."'))).toEqual(problems);
  });
});
