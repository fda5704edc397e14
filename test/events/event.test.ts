import { describe, expect, it } from 'vitest';
import * as collectEvents from '#events/collect-events.ts';
import { event, levels } from '#events/event.ts';
import type { LogEvent } from '#events/event.ts';
import * as fetchEvents from '#events/fetch-events.ts';
import * as reportEvents from '#events/report-events.ts';
import { oldDayRemoved } from '#events/retention-events.ts';
import * as sendEvents from '#events/send-events.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const FETCHED = { source: 'mx2', day: '2026-11-19' as UtcDay };
const DELIVERY = {
  reportId: 'id@sender.example',
  policyDomain: 'good.example',
  destination: 'mailto:tls@good.example',
};

const SET_ASIDE = { why: 'a page', setAside: '2026-11-19.damaged-1.sqlite', rows: 7 };
const FIGURES = {
  counted: 5,
  dropped: 0,
  tallied: 5,
  rejected: 1,
  repeated: 0,
  recognised: 3,
  checkpoints: 1,
  ringPeakBytes: 4_096,
};

const { collectorReady, collectorStopped, datagramUnreadable, dayClosed, journalTorn } = collectEvents;
const { dayAbsent, dayFetched, dayNotClosed, fetchedFileDamaged, sourceReachedTwice, sourceRefused } = fetchEvents;
const { noReportingAddress, policyDomainUnusable, reportsBuilt, sourceCountedOnce } = reportEvents;
const { reportDeferred, reportDelivered, reportExpired, reportRefused, reportSuppressed } = sendEvents;

/** One of each, with its name and level. */
const told: readonly (readonly [LogEvent, name: string, level: string])[] = [
  [collectorReady('/run/tlsrpt.sock'), 'collector-ready', 'info'],
  [collectorStopped(FIGURES), 'collector-stopped', 'info'],
  [collectorStopped({ ...FIGURES, dropped: 2 }), 'collector-stopped', 'info'],
  [collectEvents.datagramsDropped(7), 'datagrams-dropped', 'error'],
  [collectEvents.journalDamaged('2026-11-19', '12 bytes cannot be read'), 'journal-damaged', 'error'],
  [collectEvents.damagedDaySetAside('2026-11-19', SET_ASIDE), 'damaged-day-set-aside', 'error'],
  [collectEvents.checkpointFailed('2026-11-19', 'disk-full', 'No space is left.'), 'checkpoint-failed', 'error'],
  [collectEvents.clockJumped('2026-11-19', '2026-12-24'), 'clock-jumped', 'warning'],
  [collectEvents.clockReturned('2026-11-19'), 'clock-returned', 'info'],
  [collectEvents.clockSet('1970-01-01', '2026-11-19'), 'clock-set', 'warning'],
  [collectEvents.closedDayReopened('2026-11-19'), 'closed-day-reopened', 'warning'],
  [oldDayRemoved({ day: '2026-11-19', what: 'sessions', loss: undefined }), 'old-day-removed', 'info'],
  [oldDayRemoved({ day: '2026-11-19', what: 'sessions', loss: 'never reported' }), 'old-day-removed', 'info'],
  [oldDayRemoved({ day: '2026-11-19', what: 'reports', loss: 'not delivered' }), 'old-day-removed', 'warning'],
  [collectEvents.socketInherited('/run/in.sock', '/run/tlsrpt.sock'), 'socket-inherited', 'info'],
  [collectEvents.socketOutOfSight('/run/in.sock'), 'socket-out-of-sight', 'warning'],
  [collectEvents.receiveQueueShort(10, 512), 'receive-queue-short', 'warning'],
  [datagramUnreadable('not-json', 'one.json'), 'datagram-unreadable', 'warning'],
  [datagramUnreadable('not-json', undefined), 'datagram-unreadable', 'warning'],
  [dayClosed('2026-11-19'), 'day-closed', 'info'],
  [journalTorn('2026-11-19', 12), 'journal-torn', 'warning'],
  [collectEvents.storeNotWritten('disk-full', 'No space is left.'), 'store-not-written', 'error'],
  [collectEvents.storeWrittenAgain(), 'store-written-again', 'info'],
  [collectEvents.tallyRecovered('2026-11-19'), 'tally-recovered', 'info'],
  [dayFetched(FETCHED, false), 'day-fetched', 'info'],
  [dayFetched(FETCHED, true), 'day-fetched', 'info'],
  [fetchEvents.sessionsLeftOut(FETCHED, ['2 of its rows cannot be read']), 'sessions-left-out', 'warning'],
  [dayAbsent(FETCHED), 'day-absent', 'warning'],
  [dayNotClosed(FETCHED), 'day-not-closed', 'warning'],
  [fetchEvents.sourceUnreachable(FETCHED, 'no route'), 'source-unreachable', 'warning'],
  [sourceRefused(FETCHED, 'wrong key', 'Check the key.'), 'source-refused', 'error'],
  [fetchedFileDamaged(FETCHED, 'cut short'), 'fetched-file-damaged', 'error'],
  [sourceReachedTwice(FETCHED, 'mx1'), 'source-reached-twice', 'warning'],
  [sourceReachedTwice(FETCHED, undefined), 'source-reached-twice', 'warning'],
  [noReportingAddress('good.example', 'it has no rua field'), 'no-reporting-address', 'info'],
  [reportEvents.reportingAddressUnusable('good.example', 'http://x', 'no'), 'reporting-address-unusable', 'info'],
  [policyDomainUnusable('a b'), 'policy-domain-unusable', 'info'],
  [sourceCountedOnce('mx2'), 'source-counted-once', 'warning'],
  [reportEvents.recordAbsent('good.example', 'it publishes none'), 'record-absent', 'debug'],
  [reportEvents.recordUnknown('good.example', 'ESERVFAIL'), 'record-unknown', 'info'],
  [reportEvents.nameServersSilent(3), 'name-servers-silent', 'warning'],
  [reportEvents.reportWithheld('good.example'), 'report-withheld', 'info'],
  [reportEvents.domainNotSeen('good.example', '2026-11-19'), 'domain-not-seen', 'warning'],
  [reportsBuilt('2026-11-19', 1), 'reports-built', 'info'],
  [reportDelivered(DELIVERY, '250 Ok'), 'report-delivered', 'info'],
  [reportDeferred(DELIVERY, '450 later', '2026-11-20T06:01:00.000Z'), 'report-deferred', 'warning'],
  [sendEvents.mailsWaiting('send.smtp', 'nobody there'), 'mails-waiting', 'warning'],
  [reportRefused(DELIVERY, '550 no'), 'report-refused', 'warning'],
  [reportExpired(DELIVERY, '450 later'), 'report-expired', 'warning'],
  [reportSuppressed(DELIVERY), 'report-suppressed', 'info'],
  [sendEvents.reportHeldBack(DELIVERY, 'why'), 'report-held-back', 'warning'],
];

describe('an event', () => {
  it.each(told)(
    '$name has a stable name, a level and a sentence',
    ({ name, level, message }, expectedName, expectedLevel) => {
      expect([name, level]).toEqual([expectedName, expectedLevel]);
      expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(levels).toContain(level);
      expect(message).toMatch(/^\S.*\S$/);
      expect(message).not.toContain('undefined');
    },
  );

  it.each(told)('$name has no fact that would take the place of the name, level or time in JSON', ({ facts }) => {
    for (const key of ['time', 'level', 'event', 'message']) expect(facts).not.toHaveProperty(key);
  });

  it('calls nothing safe whose files somebody has removed', () => {
    expect(collectEvents.checkpointFailed('2026-11-19', 'store-replaced', 'It is gone.').message).toBe('It is gone.');
  });

  it('has no facts unless it is given some', () => {
    expect(event('info', 'thing-done', 'Done.')).toEqual({
      level: 'info',
      name: 'thing-done',
      message: 'Done.',
      facts: {},
    });
  });
});

describe('what a collector tells in the end', () => {
  it('is how much it stored, and what is not known or was lost', () => {
    expect(collectorStopped(FIGURES).message).toMatch(/^Stored all of 5 datagrams; 1 could not be read, 3 were known/);
    expect(collectorStopped({ ...FIGURES, tallied: 4 }).message).toContain('1 could not be read so far');
    expect(collectorStopped({ ...FIGURES, dropped: 2 }).message).toContain('2 more were lost');
  });
});

describe('what is told of a delivery', () => {
  it.each([
    reportDelivered(DELIVERY, '250 Ok'),
    reportDeferred(DELIVERY, '250 Ok', '2026-11-20T06:01:00.000Z'),
    reportRefused(DELIVERY, '250 Ok'),
    reportExpired(DELIVERY, '250 Ok'),
  ])('$name says of which report, where it was to go, and what was answered', ({ message, facts }) => {
    expect(facts).toMatchObject({ ...DELIVERY, reply: '250 Ok' });
    for (const part of ['good.example', 'mailto:tls@good.example', '250 Ok']) expect(message).toContain(part);
  });
});
