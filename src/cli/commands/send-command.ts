/**
 * `tlsrpt send`: delivers what is due.
 */
import { dueDeliveries } from '#pipeline/send/due-deliveries.ts';
import type { SendSelection } from '#pipeline/send/send-reports.ts';
import type { Store } from '#store/store.ts';
import { withoutControls } from '#support/without-controls.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { requestedDay, requestedDomains, dayFlag, domainFlag, jsonFlag } from '#cli/arguments/flags.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { eitherSmtpOrSendmail, readyToDeliver, sendSettings } from '#cli/wiring/deliver.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { noted } from '#cli/wiring/noted-run.ts';
import { openExistingStore } from '#cli/wiring/state.ts';

export const sendCommand: Command = {
  name: 'send',
  summary: 'Deliver the reports that are due',
  examples: [
    ['send', 'deliver what is due; from a timer, every few minutes'],
    ['send --now --domain example.com', 'try at once what waits for one domain'],
    ['send --dry-run', 'show what would be delivered where'],
  ],
  flags: [
    { ...dayFlag, help: `Only the reports about this day. ${dayFlag.help}` },
    domainFlag,
    { name: 'dry-run', help: 'Print what would be delivered where, and deliver nothing.' },
    { name: 'now', help: 'Also try what is not due yet.' },
    { ...jsonFlag, help: 'With --dry-run: print it as JSON.' },
  ],
  settings: sendSettings,
  pairings: [{ flags: ['json'], onlyWith: 'dry-run' }, eitherSmtpOrSendmail],
  run: async (invocation) => {
    const selection = {
      day: requestedDay(invocation),
      domains: requestedDomains(invocation),
      evenIfNotDue: invocation.given.has('now'),
    };
    const store = await openExistingStore(invocation);
    if (invocation.given.has('dry-run')) return showDue(invocation, store, selection);
    return noted('send', { store, ...invocation }, async () => {
      const deliver = await readyToDeliver(invocation);
      return deliver(store, selection);
    });
  },
};

function showDue(invocation: Invocation, store: Store, selection: SendSelection): ExitCode {
  const trouble = new Trouble(invocation.log);
  const { clock, log, settings } = invocation;
  const { maxPerDestination } = settings;
  const due = dueDeliveries({ ...selection, store, clock, log, maxPerDestination, dayRefused: trouble.note });
  if (invocation.given.has('json')) invocation.print(jsonText(due.map(dueJson)));
  else for (const delivery of due) invocation.print(dueText(delivery));
  return trouble.exitCode ?? exitCode.done;
}

function dueText({ policyDomain, destination, attempts }: Delivery): string {
  return withoutControls(`${policyDomain} -> ${destination} (attempt ${String(attempts + 1)})`) + '\n';
}

function dueJson({ policyDomain, reportId, destination, attempts }: Delivery): unknown {
  return { policyDomain, reportId, destination, attempt: attempts + 1 };
}
