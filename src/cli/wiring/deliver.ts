/**
 * How deliveries are made, for `send` and for `report --deliver`: the stage with the settings, transports and progress of an invocation.
 */
import type { Deliverers } from '#pipeline/send/attempt-delivery.ts';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { sendReports } from '#pipeline/send/send-reports.ts';
import type { SendOptions, SendSelection } from '#pipeline/send/send-reports.ts';
import { sendStopping } from '#events/send-events.ts';
import type { Store } from '#store/store.ts';
import { systemClock } from '#support/clock.ts';
import { settings } from '#config/settings.ts';
import type { SettingName, Settings } from '#config/settings.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Invocation, Pairing } from '#cli/command.ts';
import { orLater } from '#cli/exit-code.ts';
import type { Ending } from '#cli/exit-code.ts';
import { progressBar } from '#cli/output/progress-bar.ts';
import type { ProgressBar } from '#cli/output/progress-bar.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { whyUnsigned } from './dkim-signing.ts';
import { proxySettings } from './https-proxy.ts';
import { onStopSignal } from './stop-signal.ts';
import { timeoutMsOf } from './timeouts.ts';

/** What matters also to who only builds reports: how they are signed and what is no loop. */
const ofMails = ['contact', 'from', 'dkimKeys', 'dkimDomain', 'copyTo'] as const;

export const sendSettings: readonly SettingName[] = [
  ...ofMails,
  'smtp',
  'smtpTls',
  'smtpUser',
  'smtpPasswordFile',
  'sendmail',
  'bounces',
  'httpsCa',
  'httpsAnyCertificate',
  'httpsConnectTo',
  ...proxySettings,
  'allowPrivateDestinations',
  'directoryFormat',
  'timeout',
  'mailTimeout',
  'httpsTimeout',
  'parallel',
  'parallelPerHost',
  'maxPerDestination',
];

/** A mail server is not asked where a command takes the mails. */
export const eitherSmtpOrSendmail: Pairing = {
  flags: ['smtp', 'smtp-tls', 'smtp-user', 'smtp-password-file'],
  notWith: 'sendmail',
};

/** Flags that mean nothing where nothing is delivered. */
export const deliveringFlags: readonly string[] = sendSettings
  .filter((name) => !ofMails.some((ofMail) => ofMail === name))
  .map((name) => settings[name].flag);

export type Deliver = (store: Store, selection: SendSelection) => Promise<Ending>;

/** Reads the keys and whatever else the settings name, so that a wrong one ends the command before it has done anything. */
export async function readyToDeliver(invocation: Invocation): Promise<Deliver> {
  const progress = progressBar('delivering', invocation.log, invocation.terminal);
  const { transportsOf } = await import('#cli/wiring/transports.ts'); // the mail and web clients take a while to load
  const transports = transportsOf({ ...invocation, log: progress.log });
  return (store, selection) => deliver({ ...selection, store, progress, transports }, invocation);
}

interface Delivering extends SendSelection {
  readonly store: Store;
  readonly progress: ProgressBar;
  readonly transports: Deliverers['transports'];
}

/** Ends in order when it is told to. */
async function deliver(delivering: Delivering, invocation: Invocation): Promise<Ending> {
  const { progress, transports } = delivering;
  const { log } = progress;
  const { settings } = invocation;
  const trouble = new Trouble(log);
  const { stopping, release } = onStopSignal(invocation.supervisor);
  stopping.addEventListener('abort', () => {
    log(sendStopping());
  });
  try {
    const waiting = await sendReports({
      ...delivering,
      ...waysOfSending(invocation),
      log,
      bounceTokens: settings.bounces === undefined ? undefined : new BounceTokens(delivering.store.bounceKey()),
      dayRefused: trouble.note,
      stopping,
    });
    return waiting > 0 ? orLater(trouble.ending, 'deliveries-waiting') : trouble.ending;
  } finally {
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
    progress.stop();
    release();
  }
}

type WayOfSending =
  | 'clock'
  | 'maxPerDestination'
  | 'parallel'
  | 'parallelPerHost'
  | 'random'
  | 'steadyMs'
  | 'timeoutMsOf'
  | 'whyHeldBack';

/** What the settings say of all deliveries. */
export function waysOfSending({ clock, settings }: Invocation): Pick<SendOptions, WayOfSending> {
  const { parallel, parallelPerHost, maxPerDestination } = settings;
  return {
    ...{ clock, parallel, parallelPerHost, maxPerDestination },
    steadyMs: () => systemClock.steadyMs(),
    random: Math.random,
    timeoutMsOf: (way) => timeoutMsOf(way, settings),
    whyHeldBack: whyHeldBackBy(settings),
  };
}

/** RFC 8460 3: a report is signed by the domain of the contact that it names. */
function whyHeldBackBy(settings: Settings): (delivery: Delivery) => string | undefined {
  return ({ destination, submitterDomain }) =>
    /^mailto:/i.test(destination) ? whyUnsigned(submitterDomain, settings) : undefined;
}
