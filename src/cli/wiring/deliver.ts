/**
 * How deliveries are made, for `send` and for `report --deliver`: the stage with the settings, transports and progress of an invocation.
 */
import { sendReports } from '#pipeline/send/send-reports.ts';
import type { DayRefused, dueDeliveries, SendSelection } from '#pipeline/send/send-reports.ts';
import type { Store } from '#store/store.ts';
import type { SettingName, Settings } from '#config/settings.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { orLater } from '#cli/exit-code.ts';
import type { Ending } from '#cli/exit-code.ts';
import { progressBar } from '#cli/output/progress-bar.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { whyUnsigned } from './dkim-signing.ts';
import { isNameless } from './submitter.ts';

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

export async function deliver(invocation: Invocation, store: Store, selection: SendSelection): Promise<Ending> {
  const progress = progressBar('delivering', invocation.log, invocation.terminal);
  const trouble = new Trouble(progress.log);
  const basics = sendBasics(invocation, store, { ...selection, dayRefused: trouble.note });
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
      whyHeldBack: whyHeldBackBy(invocation.settings),
      progress,
      random: Math.random,
      log: progress.log,
    });
    return waiting > 0 ? orLater(trouble.ending, 'deliveries-waiting') : trouble.ending;
  } finally {
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
    progress.stop();
  }
}

/** RFC 8460 3: a report is signed by the domain of the contact that it names. */
function whyHeldBackBy(settings: Settings): (delivery: Delivery) => string | undefined {
  return ({ destination, submitterDomain }) =>
    /^mailto:/i.test(destination) ? whyUnsigned(submitterDomain, settings) : undefined;
}

function refuseUnsendable(delivery: Delivery): void {
  if (!isNameless(delivery)) return;
  throw configurationError(
    `The report ${delivery.reportId} was built without report.contact, so receivers could not tell who sent it. ` +
      'Set it in the configuration file, and run tlsrpt report for that day again.',
  );
}

export function sendBasics(
  { clock, settings }: Invocation,
  store: Store,
  selection: SendSelection & { readonly dayRefused: DayRefused },
): Parameters<typeof dueDeliveries>[0] {
  const { maxPerDestination } = settings;
  return { ...selection, store, clock, maxPerDestination };
}
