/**
 * Breaks the sound machine in each way that is known, one after the other, and sees doctor find that and nothing else, with its fix; and nothing at
 * all once it is mended.
 */
import { strict as assert } from 'node:assert';
import { setTimers } from '../timers.ts';
import { keepConfiguration, perform } from './broken-setup.ts';
import type { BrokenSetup, Expected, Site } from './broken-setup.ts';
import { machineSetups } from './machine-setups.ts';
import { mailSetups } from './mail-setups.ts';
import { nameSetups } from './name-setups.ts';
import { postfixSetups } from './postfix-setups.ts';

interface Finding {
  readonly grade: string;
  readonly check: string;
  readonly what: string;
  readonly fix?: string;
}

const all = [...postfixSetups, ...machineSetups, ...mailSetups, ...nameSetups];
const TIMERS = ['report', 'send', 'fetch'];
const NOT_NOW = '*-01-01';

/** Meanwhile no timer runs anything, so that no run falls into what is broken. */
export async function tryBrokenSetups(site: Site, say: (text: string) => void): Promise<void> {
  const { machine, network, texts } = site;
  await network.letDns({ texts });
  await setTimers(machine, TIMERS, NOT_NOW);
  await machine.run('systemctl', 'start', 'tlsrpt-report.service', 'tlsrpt-send.service');
  await seeNothingWrong(site, 'before anything is broken');
  await perform(keepConfiguration, site);
  for (const setup of all) {
    await tryOne(setup, site);
    say(`  ${setup.name}`);
  }
  await setTimers(machine, TIMERS);
  say(`  doctor finds each of ${String(all.length)}, and nothing else`);
}

async function tryOne({ name, breakIt, expects, mend, doctorWith = '' }: BrokenSetup, site: Site): Promise<void> {
  await perform(breakIt, site);
  const wrongs = await wrongsFound(site, doctorWith);
  seeFound(wrongs, 'finding' in expects ? [expects] : expects, name);
  await perform(mend ?? wrongs[0]?.fix ?? 'false', site);
  await seeNothingWrong(site, `once it is mended that ${name}`);
}

function seeFound(wrongs: readonly Finding[], expected: readonly Expected[], name: string): void {
  assert.deepEqual(
    wrongs.map(({ grade, check }) => `${grade} ${check}`),
    expected.map(({ finding }) => finding),
    `what doctor finds where ${name}: ${JSON.stringify(wrongs, undefined, 2)}`,
  );
  for (const [index, { what, fix }] of expected.entries()) {
    assert.match(wrongs[index]?.what ?? '', what, name);
    if (typeof fix === 'string') assert.equal(wrongs[index]?.fix, fix, name);
    else assert.match(wrongs[index]?.fix ?? '', fix, name);
  }
}

export async function seeNothingWrong(site: Site, when: string): Promise<void> {
  assert.deepEqual(await wrongsFound(site), [], `doctor finds nothing ${when}`);
}

/** doctor ends as the worst of its findings says. */
export async function wrongsFound({ machine }: Site, doctorWith = ''): Promise<Finding[]> {
  const printed = await machine.shell(`${doctorWith} tlsrpt doctor --json || echo "exit code $?"`);
  const [, json = '', code = '0'] = /^(\{[^]*\n\})\n?(?:exit code (\d+)\n)?$/.exec(printed) ?? [];
  assert.notEqual(json, '', `doctor printed no findings: ${printed}`);
  const { findings } = JSON.parse(json) as { findings: Finding[] };
  const grades = findings.map(({ grade }) => grade);
  const expected = grades.includes('broken') ? '78' : grades.includes('warning') ? '75' : '0';
  assert.equal(code, expected, 'the exit code of doctor');
  return findings.filter(({ grade }) => grade !== 'ok');
}
