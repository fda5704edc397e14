/**
 * `tlsrpt send`: hands over what is due.
 */
import { dueDeliveries, sendReports } from '#pipeline/send/send-reports.ts';
import type { SendSelection } from '#pipeline/send/send-reports.ts';
import type { Store } from '#store/store.ts';
import type { SettingName } from '#config/settings.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { configurationError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { askedDay, askedDomains, dayFlag, domainFlag } from '#cli/arguments/flags.ts';
import { withoutControls } from '#cli/output/log-writer.ts';
import { progressBar } from '#cli/output/progress-bar.ts';
import { openStore } from '#cli/wiring/state.ts';
import { isNameless } from '#cli/wiring/submitter.ts';

export const sendSettings: readonly SettingName[] = [
  'contact',
  'from',
  'smtp',
  'smtpTls',
  'smtpUser',
  'smtpPasswordFile',
  'sendmail',
  'dkimKeys',
  'dkimDomain',
  'copyTo',
  'httpsCa',
  'httpsAnyCertificate',
  'httpsConnectTo',
  'allowPrivateDestinations',
  'timeout',
  'parallel',
  'parallelPerHost',
  'maxPerDestination',
];

export const sendCommand: Command = {
  name: 'send',
  summary: 'Deliver the reports that are due',
  flags: [
    { ...dayFlag, help: `Only the reports about this day. ${dayFlag.help}` },
    domainFlag,
    { name: 'dry-run', help: 'Print what would be delivered where, and deliver nothing.' },
    { name: 'now', help: 'Also try what is not due yet.' },
  ],
  settings: sendSettings,
  run: async (invocation) => {
    const selection = {
      day: askedDay(invocation),
      domains: askedDomains(invocation),
      evenIfNotDue: invocation.given.has('now'),
    };
    return invocation.given.has('dry-run')
      ? showDue(invocation, selection)
      : deliver(invocation, await openStore(invocation), selection);
  },
};

/** Also what `report --deliver` goes on with. */
export async function deliver(invocation: Invocation, store: Store, selection: SendSelection): Promise<ExitCode> {
  const basics = sendBasics(invocation, store, selection);
  const progress = progressBar('delivering', invocation.log, invocation.terminal);
  const { transportsOf } = await import('#cli/wiring/transports.ts'); // the mail and web clients take a while to load
  const transports = transportsOf({ ...invocation, log: progress.log });
  const { parallel, parallelPerHost } = invocation.settings;
  try {
    const waiting = await sendReports({
      ...basics,
      transports,
      parallel,
      parallelPerHost,
      refuseUnsendable,
      progress,
      random: Math.random,
      log: progress.log,
    });
    return waiting > 0 ? exitCode.tryAgainLater : exitCode.done;
  } finally {
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
    progress.stop();
  }
}

function refuseUnsendable(delivery: Delivery): void {
  if (!isNameless(delivery)) return;
  throw configurationError(
    `The report ${delivery.reportId} was built without report.contact, so receivers could not tell who sent it. ` +
      'Set it in the configuration file, and run tlsrpt report for that day again.',
  );
}

async function showDue(invocation: Invocation, selection: SendSelection): Promise<ExitCode> {
  const store = await openStore(invocation);
  for (const { policyDomain, destination, attempts } of dueDeliveries(sendBasics(invocation, store, selection)))
    invocation.print(withoutControls(`${policyDomain} -> ${destination} (attempt ${String(attempts + 1)})`) + '\n');
  return exitCode.done;
}

function sendBasics(
  { clock, settings }: Invocation,
  store: Store,
  selection: SendSelection,
): Parameters<typeof dueDeliveries>[0] {
  const { maxPerDestination } = settings;
  return { ...selection, store, clock, maxPerDestination };
}
