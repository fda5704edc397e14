/**
 * `tlsrpt doctor`: looks at every link between Postfix and a delivered report, and says of each that is wrong what to do.
 */
import { worstOf } from '#pipeline/doctor/finding.ts';
import type { Finding, Grade } from '#pipeline/doctor/finding.ts';
import { findingOf, runChecks } from '#pipeline/doctor/run-checks.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { findingsText } from '#cli/output/findings-text.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { doctorChecks } from '#cli/wiring/doctor-checks.ts';

const exitCodeByGrade: Readonly<Record<Grade, ExitCode>> = {
  ok: exitCode.done,
  warning: exitCode.tryAgainLater,
  broken: exitCode.configuration,
};

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Check every link between Postfix and a delivered report, and say what to do',
  examples: [
    ['doctor', 'show what works and what does not, with the remedy'],
    ['doctor --json', 'the same for a program'],
  ],
  flags: [jsonFlag],
  settings: ['socket', 'socketMode', 'socketGroup'],
  run: async (invocation) => show(await runChecks(doctorChecks(invocation)), invocation),
  runWithoutSettings: (problem, invocation) => show([findingOf('configuration', problem)], invocation),
};

function show(
  findings: readonly Finding[],
  { given, print, paint }: Pick<Invocation, 'given' | 'print' | 'paint'>,
): ExitCode {
  print(given.has('json') ? jsonText({ findings }) : findingsText(findings, paint));
  return exitCodeByGrade[worstOf(findings)];
}
