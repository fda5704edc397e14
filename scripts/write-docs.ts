/**
 * Writes docs/configuration.md from the settings and docs/rfc-coverage.md from the requirements of RFC 8460, and checks that
 * docs/operating.md explains every problem and event.
 *
 * With `--check` it writes nothing and fails when a file is not what would be written.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeByProblem } from '#cli/exit-code.ts';
import { environmentName, rangeOf } from '#config/setting.ts';
import type { Setting } from '#config/setting.ts';
import { nameInTable, tablesOfSettings } from './package/setting-tables.ts';
import { rfcCoverage } from './rfc-coverage.ts';

const CONFIGURATION = 'docs/configuration.md';
const OPERATING = 'docs/operating.md';
const RFC_COVERAGE = 'docs/rfc-coverage.md';

const coverage = rfcCoverage();
const problems = [
  ...checkOrWrite(CONFIGURATION, configurationDocument()),
  ...checkOrWrite(RFC_COVERAGE, coverage.document),
  ...coverage.problems,
  ...unexplainedCodes(),
];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

function checkOrWrite(path: string, content: string): string[] {
  if (!process.argv.includes('--check')) {
    writeFileSync(path, content);
    return [];
  }
  return readFileSync(path, 'utf8') === content ? [] : [`${path} is out of date; run npm run docs`];
}

function configurationDocument(): string {
  return [
    '# Configuration',
    '',
    'Every setting can stand in the configuration file (TOML; `/etc/tlsrpt/tlsrpt.toml`, or what `--config` or `TLSRPT_CONFIG` names), in the',
    'environment, and on the command line of the commands it concerns. A flag wins over the environment, the environment over the file.',
    'Lists are arrays in the file, repeated flags, and in the environment either of the file\'s form (`["FIRST", "SECOND"]`) or separated by commas;',
    'commands among `fetch.sources` need the brackets. A key or flag that does not exist is an error.',
    '',
    'This page is generated from the settings; `npm run docs` writes it.',
    '',
    ...tablesOfSettings().flatMap(([table, rows]) => [
      table === '' ? '## Everywhere' : `## \`[${table}]\``,
      '',
      '| key | flag | environment | default | what it does |',
      '|---|---|---|---|---|',
      ...rows.map(tableRow),
      '',
    ]),
  ].join('\n');
}

function tableRow(row: Setting): string {
  const flag = `--${row.flag}${row.argument === undefined ? '' : ` ${row.argument}`}`;
  const fallback = row.fallbackText ?? `\`${String(row.fallback)}\``;
  return `| \`${nameInTable(row)}\` | \`${flag}\` | \`${environmentName(row)}\` | ${fallback} | ${helpOf(row).replaceAll('|', '\\|')} |`;
}

function helpOf(row: Setting): string {
  const range = rangeOf(row);
  return range === undefined ? row.help : `${row.help} Range: ${range}.`;
}

/** Codes are the names of events, as they stand in the source, and the codes of problems. */
function unexplainedCodes(): string[] {
  const explained = new Set(
    [...readFileSync(OPERATING, 'utf8').matchAll(/^### `([a-z-]+)`/gm)].map(([, code]) => code),
  );
  const events = sourceFiles().flatMap((file) => eventNamesIn(readFileSync(file, 'utf8')));
  const used = new Set([...events, ...Object.keys(exitCodeByProblem)]);
  return [
    ...[...used].filter((code) => !explained.has(code)).map((code) => `${OPERATING} does not explain ${code}`),
    ...[...explained]
      .filter((code) => code !== undefined && !used.has(code))
      .map((code) => `${OPERATING} explains ${String(code)}, which does not exist`),
  ];
}

/** The level of an event may depend on what happened, so it can be any expression without a comma. */
function eventNamesIn(source: string): string[] {
  const events = source.matchAll(/\bevent\(\s*[^,;]+,\s*'([a-z-]+)'/g);
  return [...events].map(([, name = '']) => name);
}

function sourceFiles(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', file));
}
