/**
 * What `doctor` found, for people: what is wrong first, each with its fix.
 */
import type { Finding, Grade } from '#pipeline/doctor/finding.ts';
import { withoutControls } from '#support/without-controls.ts';
import type { Meaning, Paint } from './paint.ts';

const ORDER: readonly Grade[] = ['broken', 'warning', 'ok'];
const meanings: Readonly<Record<Grade, Meaning>> = { ok: 'good', warning: 'waits', broken: 'bad' };

export function findingsText(findings: readonly Finding[], paint: Paint): string {
  return ORDER.flatMap((grade) => findings.filter((finding) => finding.grade === grade))
    .map((finding) => {
      const grade = paint(meanings[finding.grade], finding.grade.padEnd('warning'.length));
      const line = `${grade}  ${withoutControls(`${finding.check}: ${finding.what}`)}`;
      return finding.grade === 'ok' ? `${line}\n` : `${line}\n         fix: ${withoutControls(finding.fix)}\n`;
    })
    .join('');
}
