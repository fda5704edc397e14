/**
 * docs/messages.md: every code that the log can have, by name, with its level, how it ends a command, and what docs/operating.md says of it.
 *
 * Codes are the names of events, as they stand in the source, and the codes of problems.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeByProblem } from '#cli/exit-code.ts';
import { levels } from '#events/event.ts';

const OPERATING = 'docs/operating.md';

interface Message {
  readonly code: string;
  /** Those that it can have, by what happened. */
  readonly levels: readonly string[];
  /** Undefined for what ends no command. */
  readonly exitCode: number | undefined;
}

export function messageList(): string {
  const explanations = explained();
  return [
    '# Messages',
    '',
    'Every code that a line of the log can have, sorted by name, with its level. Where there is an exit code, the message ends the command that it is',
    'about, or decides how a command ends that goes on with the rest. Each code leads to all there is to say of it.',
    '',
    'This page is generated from the program and from [operating.md](operating.md#messages); `npm run docs` writes it.',
    '',
    '| code | level | exit code | what it means |',
    '|---|---|---|---|',
    ...messages().map((message) => rowOf(message, explanations.get(message.code) ?? '')),
    '',
  ].join('\n');
}

/** What is said of a code that does not exist, and codes of which nothing is said. */
export function unexplainedCodes(): string[] {
  const [used, explanations] = [messages().map(({ code }) => code), explained()];
  return [
    ...used.filter((code) => !explanations.has(code)).map((code) => `${OPERATING} does not explain ${code}`),
    ...[...explanations.keys()]
      .filter((code) => !used.includes(code))
      .map((code) => `${OPERATING} explains ${code}, which does not exist`),
  ];
}

function rowOf({ code, levels: known, exitCode }: Message, explanation: string): string {
  const ending = exitCode === undefined ? '' : String(exitCode);
  return `| [\`${code}\`](operating.md#${code}) | ${known.join(', ')} | ${ending} | ${elsewhere(explanation)} |`;
}

function messages(): Message[] {
  const problems = Object.entries(exitCodeByProblem);
  const levelsByCode = new Map<string, Set<string>>(problems.map(([code]) => [code, new Set(['error'])]));
  for (const [code, level] of loggedEvents()) levelsByCode.set(code, (levelsByCode.get(code) ?? new Set()).add(level));
  return [...levelsByCode]
    .map(([code, known]) => ({
      code,
      levels: levels.filter((level) => known.has(level)),
      exitCode: new Map<string, number>(problems).get(code),
    }))
    .sort((one, other) => (one.code < other.code ? -1 : 1));
}

/** The level of an event may depend on what happened, so it can be any expression without a comma. */
function loggedEvents(): [code: string, level: string][] {
  return sourceFiles()
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bevent\(\s*([^,;]+),\s*'([a-z-]+)'/g)])
    .flatMap(([, expression = '', code = '']) =>
      levels.filter((level) => expression.includes(`'${level}'`)).map((level): [string, string] => [code, level]),
    );
}

/** By code: its first paragraph, which says what it means and what to do. */
function explained(): Map<string, string> {
  const [, ...sections] = readFileSync(OPERATING, 'utf8').split(/^### (?=`)/m);
  return new Map(
    sections.map((section) => {
      const [heading = '', paragraph = ''] = section.split('\n\n');
      return [heading.replaceAll('`', ''), paragraph.trim().replaceAll('\n', ' ')];
    }),
  );
}

/** As it reads on another page; that it is a problem is said by its exit code. */
function elsewhere(paragraph: string): string {
  return paragraph
    .replace(/^A Problem[^.]*\. /, '')
    .replaceAll('](#', '](operating.md#')
    .replaceAll('|', '\\|');
}

function sourceFiles(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', file));
}
