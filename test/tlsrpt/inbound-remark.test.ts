import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { remarkMeanings, Remarks } from '#tlsrpt/inbound-remark.ts';
import type { RemarkCode } from '#tlsrpt/inbound-remark.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';

const READING = readFileSync(fileURLToPath(new URL('../../docs/reading.md', import.meta.url)), 'utf8');

/** The first cells of the table below a heading of docs/reading.md. */
function documentedBelow(heading: string): string[] {
  const lines = READING.slice(READING.indexOf(`\n## ${heading}\n`)).split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.startsWith('| ---')) + 1);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((row) => /`([^`]+)`/.exec(row)?.[1] ?? '');
}

describe('remarks on a report of others', () => {
  it('are all explained in docs/reading.md, and so is why something cannot be read', () => {
    expect(documentedBelow('What is odd')).toEqual(Object.keys(remarkMeanings));
    expect(documentedBelow('What cannot be read').sort()).toEqual(Object.keys(unreadableMeanings).sort());
  });

  it('are told once for all places of a kind, and never without end', () => {
    const remarks = new Remarks();
    remarks.add('member-empty', 'policies[3].policy.mx-host');
    remarks.add('member-empty', 'policies[4].policy.mx-host');
    remarks.add('member-type', 'policies[4].policy.mx-host');
    expect(remarks.all()).toEqual([
      { code: 'member-empty', where: 'policies[3].policy.mx-host', count: 2 },
      { code: 'member-type', where: 'policies[4].policy.mx-host', count: 1 },
    ]);
    for (let name = 0; name < 1_000; name += 1) remarks.add('member-type' satisfies RemarkCode, `x${String(name)}`);
    expect(remarks.all()).toHaveLength(200);
  });
});
