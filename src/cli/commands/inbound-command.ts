/**
 * `tlsrpt inbound`: what others reported about us, from what `read --store` has kept.
 */
import { listInbound } from '#pipeline/inbound/list-inbound.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { Command } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import { domainFlag, jsonFlag, requestedDayIn, requestedDomains } from '#cli/arguments/flags.ts';
import { inboundListingCsv } from '#cli/output/inbound-listing-csv.ts';
import { inboundListingJson } from '#cli/output/inbound-listing-json.ts';
import { inboundListingText } from '#cli/output/inbound-listing-text.ts';
import { jsonTexts } from '#cli/output/json-text.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

/** A month, whatever its length. */
const DAYS_BY_DEFAULT = 31;

export const inboundCommand: Command = {
  name: 'inbound',
  summary: 'List what others reported about us, by day, reporter, domain and policy',
  examples: [
    ['inbound', 'list what was stored by read --store of the last month'],
    ['inbound --domain example.com --since 2026-01-01', 'list what was reported about one domain since then'],
    ['inbound --csv > results.csv', 'write it for a spreadsheet'],
  ],
  flags: [
    {
      name: 'since',
      argument: 'DAY',
      help: 'From this UTC day on: yesterday, today or YYYY-MM-DD. Default: 31 days ago.',
    },
    domainFlag,
    jsonFlag,
    { name: 'csv', help: 'Print CSV, a row for each result type.' },
  ],
  settings: [],
  pairings: [{ flags: ['csv'], notWith: 'json' }],
  run: async (invocation) => {
    const { given, print, paint, log, clock } = invocation;
    const today = utcDayOf(clock.nowMs());
    const since = requestedDayIn('since', invocation) ?? daysBefore(today, DAYS_BY_DEFAULT);
    const question = { since, today, domains: requestedDomains(invocation) };
    const store = await openExistingStore(invocation);
    const trouble = new Trouble(log);
    const listing = listInbound(store, question, trouble.note);
    if (given.has('json')) for (const text of jsonTexts(inboundListingJson(listing))) print(text);
    else if (given.has('csv')) for (const row of inboundListingCsv(listing.results)) print(row);
    else print(inboundListingText(listing, paint));
    return trouble.exitCode ?? exitCode.done;
  },
};
