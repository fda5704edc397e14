/**
 * Makes docs/rfc-coverage.md: every requirement of RFC 8460 on a sender, with the line that does it and the test that shows it.
 *
 * The requirements stand in rfc-requirements.toml. A row is added or changed there:
 * - `code` and `tests` are lists of 'FILE: TEXT'. TEXT is part of a line of the file, the first such line is shown; for a test it is
 *   the title, whole and as it is written. A requirement without code or without a test needs a `why`.
 * - `open` rows say how a question is answered that the RFC leaves open.
 * After that, `npm run docs`. It fails when a file, line or title is gone, when a requirement says neither where nor why, and when code or
 * a test refers to a section (`RFC 8460 4.4`) or a requirement (`R18`) that does not exist.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';

const requirement = z.strictObject({
  id: z.string().regex(/^R\d+a?$/),
  level: z.enum([
    'MUST',
    'MUST NOT',
    'SHOULD',
    'SHOULD NOT',
    'RECOMMENDED',
    'MAY',
    'must',
    'should',
    'may',
    'implied',
    'advice',
    'none',
  ]),
  clause: z.string(),
  text: z.string(),
  code: z.array(z.string()).default([]),
  tests: z.array(z.string()).default([]),
  why: z.string().optional(),
});
const openQuestion = z.strictObject({ id: z.string().regex(/^A\d+$/), question: z.string(), decision: z.string() });
const requirementTable = z.strictObject({
  sections: z.array(z.string()),
  others: z.array(z.string()),
  requirement: z.array(requirement),
  open: z.array(openQuestion),
});

type Requirement = z.infer<typeof requirement>;
export type RequirementTable = z.infer<typeof requirementTable>;
/** Undefined when there is no such file. */
export type ReadText = (path: string) => string | undefined;

export interface Coverage {
  readonly document: string;
  readonly problems: readonly string[];
}

/** Of the project in the current directory. */
export function rfcCoverage(): Coverage {
  const table = readRequirements(readFileSync('scripts/rfc-requirements.toml', 'utf8'));
  const problems = [
    ...coverageProblems(table, readText),
    ...['src', 'test'].flatMap(typeScriptFiles).flatMap((path) => unknownReferences(path, readText(path) ?? '', table)),
  ];
  return { document: coverageDocument(table, readText), problems };
}

export function readRequirements(toml: string): RequirementTable {
  return requirementTable.parse(parse(toml));
}

/** What is said of a requirement and is not so, or not said. */
export function coverageProblems(table: RequirementTable, read: ReadText): string[] {
  return [
    ...repeated(table.requirement.map(({ id }) => id)).map((id) => `${id} is there twice`),
    ...table.requirement.flatMap((row) => [
      ...row.code
        .filter((place) => lineAt(place, read) === undefined)
        .map((place) => `${row.id}: no line with ${place}`),
      ...row.tests.filter((place) => !hasTest(place, read)).map((place) => `${row.id}: no test ${place}`),
      ...(isCovered(row) || row.why !== undefined
        ? []
        : [`${row.id} says neither where it is done and tested nor why not`]),
      ...(table.sections.includes(row.clause) ? [] : [`${row.id}: RFC 8460 has no section ${row.clause}`]),
    ]),
  ];
}

/** References to sections and requirements that do not exist. */
export function unknownReferences(path: string, source: string, table: RequirementTable): string[] {
  const known = new Set([...table.others, ...table.requirement.map(({ id }) => id)]);
  const sections = [...source.matchAll(/RFC 8460 (\d+(?:\.\d+)*)/g)].map(([, section = '']) => section);
  const comments = [...source.matchAll(/\/\/ (.*)/g)].map(([, comment = '']) => comment);
  const ids = comments.flatMap((comment) => comment.match(/\bR\d+a?\b/g) ?? []);
  return [
    ...sections
      .filter((section) => !table.sections.includes(section))
      .map((section) => `${path}: RFC 8460 has no section ${section}`),
    ...ids.filter((id) => !known.has(id)).map((id) => `${path}: there is no requirement ${id}`),
  ];
}

function coverageDocument({ requirement: rows, open }: RequirementTable, read: ReadText): string {
  return [
    '# RFC 8460, requirement by requirement',
    '',
    'What RFC 8460 and the documents it relies on ask of those who send reports: the line that does it, and the tests that show it.',
    '`MUST`, `SHOULD` and `MAY` are the RFC’s own words; `must`, `should` and `may` stand in its text without that weight; what is implied follows',
    'from a grammar or a definition; advice is good practice that no RFC demands. The numbers are those in the comments of the tests.',
    '',
    'This page is generated from `scripts/rfc-requirements.toml`; `npm run docs` writes it, and fails when a line or a test is gone.',
    '',
    `Of ${String(rows.length)} requirements ${String(rows.filter(isCovered).length)} are done and tested here. Of the others it is said why not.`,
    '',
    ...rows.flatMap((row) => requirementLines(row, read)),
    '## What the RFC leaves open',
    '',
    ...open.flatMap(({ id, question, decision }) => [`- **${id}. ${question}** ${decision}`]),
    '',
  ].join('\n');
}

function requirementLines({ id, clause, level, text, code, tests, why }: Requirement, read: ReadText): string[] {
  return [
    `## ${id} (${clause}, ${level})`,
    '',
    text,
    '',
    ...code.map((place) => `- \`${fileOf(place)}\`: ${asCode(lineAt(place, read) ?? '')}`),
    ...tests.map((place) => `- \`${fileOf(place)}\`: “${textOf(place)}”`),
    ...(why === undefined ? [] : [`- ${why}`]),
    '',
  ];
}

function isCovered({ code, tests }: Requirement): boolean {
  return code.length > 0 && tests.length > 0;
}

function fileOf(place: string): string {
  return place.slice(0, place.indexOf(': '));
}

function textOf(place: string): string {
  return place.slice(place.indexOf(': ') + 2);
}

function lineAt(place: string, read: ReadText): string | undefined {
  return read(fileOf(place))
    ?.split('\n')
    .find((line) => line.includes(textOf(place)))
    ?.trim();
}

function hasTest(place: string, read: ReadText): boolean {
  return read(fileOf(place))?.includes(`('${textOf(place)}'`) ?? false;
}

/** Two backticks where the code has some itself. */
function asCode(line: string): string {
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
}

function repeated(ids: readonly string[]): string[] {
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function typeScriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}
