/**
 * How deliveries are made, for `send` and for `report --deliver`: the stage with the settings, transports and progress of an invocation.
 */
import { sendReports } from '#pipeline/send/send-reports.ts';
import type { SendSelection } from '#pipeline/send/send-reports.ts';
import { sendStopping } from '#events/send-events.ts';
import type { Store } from '#store/store.ts';
import { systemClock } from '#support/clock.ts';
import type { SettingName, Settings } from '#config/settings.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { orLater } from '#cli/exit-code.ts';
import type { Ending } from '#cli/exit-code.ts';
import { progressBar } from '#cli/output/progress-bar.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { whyUnsigned } from './dkim-signing.ts';
import { onStopSignal } from './stop-signal.ts';
import { isNameless } from './submitter.ts';
import { timeoutMsOf } from './timeouts.ts';

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
  'httpsProxy',
  'allowPrivateDestinations',
  'directoryFormat',
  'timeout',
  'mailTimeout',
  'httpsTimeout',
  'parallel',
  'parallelPerHost',
  'maxPerDestination',
];

/** Ends in order when it is told to. */
export async function deliver(invocation: Invocation, store: Store, selection: SendSelection): Promise<Ending> {
  const { clock, settings, terminal } = invocation;
  const progress = progressBar('delivering', invocation.log, terminal);
  const { log } = progress;
  const trouble = new Trouble(log);
  const { transportsOf } = await import('#cli/wiring/transports.ts'); // the mail and web clients take a while to load
  const transports = transportsOf({ ...invocation, log });
  const { parallel, parallelPerHost, maxPerDestination } = settings;
  const { stopping, release } = onStopSignal();
  stopping.addEventListener('abort', () => {
    log(sendStopping());
  });
  try {
    const waiting = await sendReports({
      ...selection,
      store,
      clock,
      steadyMs: () => systemClock.steadyMs(),
      random: Math.random,
      log,
      transports,
      parallel,
      parallelPerHost,
      maxPerDestination,
      timeoutMsOf: (way) => timeoutMsOf(way, settings),
      refuseUnsendable,
      whyHeldBack: whyHeldBackBy(settings),
      dayRefused: trouble.note,
      progress,
      stopping,
    });
    return waiting > 0 ? orLater(trouble.ending, 'deliveries-waiting') : trouble.ending;
  } finally {
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
    progress.stop();
    release();
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
