/**
 * `tlsrpt maptest DOMAIN RECORD`: shows step by step where the destination maps send the reports on a domain.
 */
import { mapDestinations } from '#pipeline/report/map-destinations.ts';
import type { MapStep, MappedDestinations } from '#pipeline/report/map-destinations.ts';
import { withoutControlsButLines } from '#support/without-controls.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import type { RecordReading } from '#tlsrpt/tlsrpt-record.ts';
import { usageError } from '#cli/command.ts';
import type { Command } from '#cli/command.ts';
import { destinationMapsOf, mapSettings } from '#cli/wiring/destination-maps.ts';
import { exitCode } from '#cli/exit-code.ts';
import { jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';

export const maptestCommand: Command = {
  name: 'maptest',
  summary: 'Show where the destination maps send the reports on a domain with this TLSRPT record',
  usages: ['DOMAIN RECORD'],
  mostWords: 2,
  examples: [["maptest example.com 'v=TLSRPTv1; rua=mailto:tlsrpt@example.com'", 'show where its reports would go']],
  flags: [jsonFlag],
  settings: mapSettings,
  run: (invocation) => {
    const [name, record] = invocation.positionals;
    if (name === undefined || record === undefined)
      throw usageError(`maptest needs a domain and a record: tlsrpt maptest example.com 'v=TLSRPTv1; rua=mailto:...'`);
    const policyDomain = canonicalDomain(name);
    if (!isUsableDomain(policyDomain)) throw usageError(`${name} is no domain name.`);
    const reading = readTlsrptRecord(record);
    const mapped = mapDestinations(destinationMapsOf(invocation.settings), policyDomain, addressesOf(reading));
    const shown = { policyDomain, reading, mapped };
    invocation.print(invocation.given.has('json') ? jsonOf(shown) : textOf(shown));
    return Promise.resolve(leadsNowhere(shown) ? exitCode.badInput : exitCode.done);
  },
};

interface Shown {
  readonly policyDomain: string;
  readonly reading: RecordReading;
  readonly mapped: MappedDestinations;
}

/** A map may give addresses to a domain whose record has none; that nobody has any, because the record is garbage, is no answer. */
function leadsNowhere({ reading, mapped }: Shown): boolean {
  return reading.kind === 'invalid' && mapped.destinations.length === 0;
}

function addressesOf(reading: RecordReading): readonly Destination[] {
  return reading.kind === 'record' ? reading.record.addresses : [];
}

function jsonOf({ policyDomain, reading, mapped }: Shown): string {
  return jsonText({
    policyDomain,
    record: {
      addresses: urisOf(addressesOf(reading)),
      unusable: reading.kind === 'record' ? reading.record.unusable.map(unusableJson) : [],
      problem: reading.kind === 'invalid' ? reading.why : null,
    },
    steps: mapped.steps.map(({ map, name, entry, before, after, unusable }) => ({
      map,
      name,
      entry: entry ? { where: entry.where, text: entry.text } : null,
      before: urisOf(before),
      after: urisOf(after),
      unusable: unusable.map(unusableJson),
    })),
    destinations: urisOf(mapped.destinations),
  });
}

function unusableJson({ uri, why }: MapStep['unusable'][number]): unknown {
  return { uri, why };
}

function textOf({ policyDomain, reading, mapped }: Shown): string {
  const lines = [
    `record: ${listOf(addressesOf(reading))}`,
    ...(reading.kind === 'invalid' ? [`  cannot be used: ${reading.why}`] : reading.record.unusable.map(leftOut)),
    ...mapped.steps.flatMap(stepLines),
    outcomeOf(policyDomain, { reading, mapped }),
    ...urisOf(mapped.destinations).map((uri) => `  ${uri}`),
  ];
  return withoutControlsButLines(`${lines.join('\n')}\n`);
}

function outcomeOf(policyDomain: string, shown: Omit<Shown, 'policyDomain'>): string {
  if (shown.mapped.destinations.length > 0) return `reports on ${policyDomain} go to:`;
  const why = leadsNowhere({ ...shown, policyDomain }) ? ', as its record cannot be used' : '';
  return `there are no reports on ${policyDomain}${why}`;
}

function stepLines({ map, name, entry, after, unusable }: MapStep): string[] {
  const decision = entry ? `${entry.where}: ${entry.text}` : 'no entry matches';
  return [`${map} map, ${name}: ${decision}`, ...unusable.map(leftOut), `  gives ${listOf(after)}`];
}

function leftOut({ uri, why }: MapStep['unusable'][number]): string {
  return `  leaves out ${uri}: ${why}`;
}

function listOf(destinations: readonly Destination[]): string {
  return destinations.length === 0 ? 'nobody' : urisOf(destinations).join(', ');
}

function urisOf(destinations: readonly Destination[]): string[] {
  return destinations.map(({ uri }) => uri);
}
