import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterMail } from '#pipeline/read/filter-mail.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { GZIPPED } from '#test/support/inbound-mails.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { usualMailFilter } from '#test/support/usual-mail-filter.ts';

/** What every object has, and no sender should find. */
const names = Object.getOwnPropertyNames(Object.prototype);
const NOW_MS = Date.parse('2026-02-03T09:00:00Z');

describe('words of senders that are names of what every object has', () => {
  it('are words like others in each text of a report, however it is read, kept and listed', async () => {
    const directory = scratchDirectory();
    const stateDir = scratchDirectory();
    mkdirSync(join(directory, 'in'));
    for (const [index, name] of names.entries()) {
      const documents = textsReplaced(soundDocument(), name);
      for (const [place, text] of documents.entries())
        writeFileSync(join(directory, 'in', `${String(index)}-${String(place)}.json`), text);
    }
    const given = { stateDir, nowMs: NOW_MS };
    for (const flags of [['--store'], ['--explain', '--lint'], ['--json'], ['--csv']]) {
      const { code, stderr } = await run(['read', ...flags, join(directory, 'in')], given);
      expect([code, stderr.includes('internal-error')]).toEqual([0, false]);
    }
    for (const flags of [[], ['--json'], ['--csv']]) {
      const { code, stdout } = await run(['inbound', ...flags], given);
      expect([code, names.filter((name) => !stdout.includes(name.slice(0, 3)))]).toEqual([0, []]);
    }
    expect(readdirSync(join(directory, 'in')).length).toBeGreaterThan(names.length * 15);
  });

  it('are words like others in each field of a mail that is filtered', async () => {
    const told: unknown[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(texts.length - 1),
        fc.nat(texts.length - 1),
        fc.constantFrom(...names),
        async (a, b, name) => {
          const replaced = texts.map((text, place) => ([a, b].includes(place) ? name : text));
          const mail = Buffer.from(pieces.map((piece, place) => piece + (replaced[place] ?? '')).join(''));
          await filterMail(mail, { ...usualMailFilter, told: (failure) => told.push(failure) });
          expect(told.filter((failure) => (failure as { kind: string }).kind === 'failed')).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

/** The document once for each text in it, and each name of a member, with `name` there. */
function textsReplaced(document: unknown, name: string): string[] {
  const text = JSON.stringify(document);
  const places = [...text.matchAll(/"[^"]*"/g)].filter(([found]) => !KEPT.includes(found));
  return places.map(
    ({ 0: found, index }) => text.slice(0, index) + JSON.stringify(name) + text.slice(index + found.length),
  );
}

/** Without these it is no report. */
const KEPT = ['"policies"', '"policy"'];

/** A mail whose words between « and » may be others. */
const TEMPLATE = `From: tls@reporter.example
«Subject»: «Report Domain: a.example Submitter: reporter.example Report-ID: <1@reporter.example>»
TLS-Report-Domain: «a.example»
TLS-Report-Submitter: «reporter.example»
MIME-Version: «1.0»
Content-Type: multipart/«report»; «report-type»="«tlsrpt»"; boundary="b"

--b
Content-Type: text/«plain»; «charset»=«utf-8»; «format»=«fixed»
Content-Transfer-Encoding: «quoted-printable»
Content-Disposition: «inline»

This is a report.
--b
Content-Type: «application/tlsrpt+gzip»; «name»=«x»
Content-Transfer-Encoding: «base64»
Content-Disposition: «attachment»; «filename»=«x.json.gz»

${GZIPPED.toString('base64').replace(/.{76}/g, '$&\n')}
--b--
`;
const words = TEMPLATE.split(/[«»]/);
const pieces = words.filter((_, index) => index % 2 === 0);
const texts = words.filter((_, index) => index % 2 === 1);
