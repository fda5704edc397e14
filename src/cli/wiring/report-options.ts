/**
 * What `report` builds its reports from, as the settings and flags say.
 */
import { dnsRecords } from '#adapters/dns/dns-records.ts';
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import { requireAllHosts } from '#pipeline/report/require-all-hosts.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';
import { requestedDomains } from '#cli/arguments/flags.ts';
import { configuredSources } from '#cli/arguments/source-address.ts';
import type { Trouble } from '#cli/output/trouble.ts';
import { destinationMapsOf } from './destination-maps.ts';
import { openExistingStore, openStore } from './state.ts';
import { submitterOf } from './submitter.ts';
import { tellLeftOut } from './tell-left-out.ts';

/** For whichever day. */
export async function buildOptionsOf(invocation: Invocation, trouble: Trouble): Promise<Omit<BuildOptions, 'day'>> {
  const { given, settings, log } = invocation;
  const store = await (settings.sources.length > 0 ? openStore(invocation) : openExistingStore(invocation));
  tellLeftOut(store, log);
  return {
    store,
    log,
    records: dnsRecords(settings.dnsServers),
    domains: requestedDomains(invocation),
    successOnly: settings.successOnly,
    mxHosts: settings.mxHosts,
    loopGuard: settings.loopGuard,
    copyTo: settings.copyTo,
    maps: destinationMapsOf(settings),
    submitter: submitterOf(settings),
    partial: given.has('partial'),
    domainFailed: trouble.note,
  };
}

/** Problems: hosts-missing. */
export function requireExpectedHosts(
  { store, day, log, partial }: Pick<BuildOptions, 'store' | 'log' | 'partial'> & { readonly day: UtcDay },
  invocation: Invocation,
): void {
  const { settings, clock, given } = invocation;
  requireAllHosts({
    store,
    day,
    log,
    sources: configuredSources(invocation).map(({ name }) => name),
    nowMs: clock.nowMs(),
    waitMs: settings.waitForMissing,
    withoutMissing: given.has('without-missing') || partial,
    partial,
  });
}
