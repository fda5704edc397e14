/**
 * What `doctor` found, for people: what is wrong first, each with its fix.
 */
import type { Finding, Grade } from '#pipeline/doctor/finding.ts';
import { withoutControls } from './log-writer.ts';

const ORDER: readonly Grade[] = ['broken', 'warning', 'ok'];

export function findingsText(findings: readonly Finding[]): string {
  return ORDER.flatMap((grade) => findings.filter((finding) => finding.grade === grade))
    .map((finding) => {
      const line = withoutControls(`${finding.grade.padEnd('warning'.length)}  ${finding.check}: ${finding.what}`);
      return finding.grade === 'ok' ? `${line}\n` : `${line}\n         fix: ${withoutControls(finding.fix)}\n`;
    })
    .join('');
}
