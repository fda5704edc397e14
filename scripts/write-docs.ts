/**
 * Writes docs/configuration.md from the settings, docs/commands.md from the commands, docs/messages.md from the problems and events,
 * docs/metrics.md from the metrics, and docs/rfc-coverage.md from the requirements of RFC 8460, and checks that docs/operating.md explains every problem and event.
 *
 * With `--check` it writes nothing and fails when a file is not what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { environmentName, rangeOf } from '#config/setting.ts';
import type { Setting } from '#config/setting.ts';
import { commandReference } from './docs/command-reference.ts';
import { messageList, unexplainedCodes } from './docs/message-list.ts';
import { metricTable } from './docs/metric-table.ts';
import { nameInTable, tablesOfSettings } from './package/setting-tables.ts';
import { rfcCoverage } from './rfc-coverage.ts';

const CONFIGURATION = 'docs/configuration.md';
const RFC_COVERAGE = 'docs/rfc-coverage.md';

const coverage = rfcCoverage();
const problems = [
  ...checkOrWrite(CONFIGURATION, configurationDocument()),
  ...checkOrWrite('docs/commands.md', commandReference()),
  ...checkOrWrite('docs/messages.md', messageList()),
  ...checkOrWrite('docs/metrics.md', metricTable()),
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
