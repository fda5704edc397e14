/**
 * What a day's outbox holds, and what can happen to it.
 */
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';
import type { Delivery, DeliveryState } from '#tlsrpt/delivery.ts';

/** A report as it was built, with the URIs of those who asked for it. */
export interface BuiltReport {
  readonly outgoing: OutgoingReport;
  readonly destinations: readonly string[];
}

/** What a report covers of all that there is to report to its addresses about a policy domain and a day. */
export interface Reported {
  /** The same for a report and its supplements. */
  readonly subject: string;
  /** 0 for the report, and up from 1 for its supplements. */
  readonly revision: number;
  /** The sessions in it, in the form in which `report` compares them with those of a later run. */
  readonly counts: string;
  /** The TLSRPT record that was looked up for it; undefined when the MTA had passed it on. */
  readonly lookedUpRecord: string | undefined;
}

/** The reports on a domain of which none is known to anybody else yet, without their texts. */
export interface UnsentReports {
  /** True when these are all of them, as they are. */
  areJust(reports: readonly (BuiltReport & { readonly reported: Reported })[]): boolean;
}

export interface StoredReport extends BuiltReport {
  readonly reported: Reported;
  /** True from the first attempt to deliver it on: a receiver may have it. */
  readonly transmissionStarted: boolean;
}

export interface ReportToSave extends BuiltReport {
  /** Without it nothing is ever added to the report. */
  readonly reported?: Reported;
  /** When its deliveries are due. */
  readonly dueMs: number;
}

/** Why there is no report on a domain with which there were sessions. */
export type WithholdingReason = 'not-built' | 'only-report-mails' | 'record-unknown';

export interface Withheld {
  readonly why: WithholdingReason;
  /** What kept it from being built. */
  readonly detail?: string | undefined;
}

export interface Withholding extends Withheld {
  readonly policyDomain: string;
}

/** What changes about one policy domain. */
export interface DomainChanges {
  readonly policyDomain: string;
  readonly changes: readonly OutboxChange[];
}

export type OutboxChange =
  /** In place of the report whose report-id is `replaces`, if there is one: it is about the same subject and has the same revision. */
  | { readonly kind: 'save'; readonly report: ReportToSave; readonly replaces?: string | undefined }
  /** Takes back a report whose transmission has not started. */
  | { readonly kind: 'withdraw'; readonly reportId: string }
  | { readonly kind: 'withhold'; readonly withholding: Withholding }
  | { readonly kind: 'end-withholding'; readonly policyDomain: string };

export interface DeliveryResult {
  readonly reportId: string;
  readonly destination: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly firstAttemptMs: number | undefined;
  /** When the attempt was made that this is the result of; undefined when none was made. */
  readonly lastAttemptMs?: number | undefined;
  readonly lastResult: string;
  readonly nextAttemptMs: number | undefined;
}

/** Of one report. */
export interface DueDelivery {
  readonly destination: string;
  readonly dueMs: number;
}

/** A report that another program built. */
export interface AdoptedEntry {
  readonly report: ReportToSave;
  readonly results: readonly DeliveryResult[];
  /** Those that wait and are due at a time of their own. */
  readonly due: readonly DueDelivery[];
}

/** As much of a delivery as it takes to decide when its turn comes. */
export interface WaitingDelivery extends Pick<Delivery, 'policyDomain' | 'destination' | 'state' | 'nextAttemptMs'> {
  /** By which the outbox finds it again. */
  readonly number: number;
}

export interface NumberedDelivery extends Delivery {
  /** As in WaitingDelivery. */
  readonly number: number;
}

/** A mail that came back. */
export interface ReturnedDelivery {
  readonly number: number;
  /** Tells the bounce from others. */
  readonly digest: string;
  readonly words: string;
}
