import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { reportDay } from '#pipeline/report/report-day.ts';
import type { ReportDayOptions } from '#pipeline/report/report-day.ts';
import { Outbox, readOutbox } from '#store/outbox.ts';
import type { StoredReport } from '#store/outbox.ts';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const GOOD = makeDatagram({
  domain: 'good.example',
  record: 'v=TLSRPTv1;rua=mailto:tls@good.example,https://good.example/r',
});
const BAD = makeDatagram({
  domain: 'bad.example',
  failures: [{ code: 201 }],
  record: 'v=TLSRPTv1;rua=mailto:tls@bad.example',
});

class Reporting {
  readonly days: CollectedDays;
  /** What all runs told. */
  readonly logged: LogEvent[] = [];

  private constructor(days: CollectedDays) {
    this.days = days;
  }

  static async of(datagrams: readonly Buffer[]): Promise<Reporting> {
    const days = await CollectedDays.make();
    days.collect(datagrams);
    return new Reporting(days);
  }

  run(options: Partial<ReportDayOptions> = {}): StoredReport[] {
    const { state, sqlite } = this.days;
    return reportDay({
      state,
      sqlite,
      day: DAY,
      domains: [],
      partial: false,
      successOnly: 'send',
      submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@sender.example' },
      clock: { nowMs: () => MORNING_MS },
      keepDays: 30,
      spreadMs: 0,
      random: () => 0,
      log: (event) => this.logged.push(event),
      ...options,
    });
  }

  get outboxStem(): string {
    return this.days.state.outboxStem(DAY);
  }

  beginHandingOver(reports: readonly StoredReport[]): void {
    const outbox = Outbox.open(this.days.sqlite, this.outboxStem, DAY);
    outbox.beginHandingOver(reports.map(({ outgoing }) => outgoing.reportId));
    outbox.close();
  }

  deliveries(): readonly (readonly [destination: string, state: string, dueMs: number | undefined])[] {
    const { deliveries = [] } = readOutbox(this.days.sqlite, this.outboxStem) ?? {};
    return deliveries.map(({ destination, state, nextAttemptMs }) => [destination, state, nextAttemptMs]);
  }

  eventNames(): string[] {
    return this.logged.map(({ name }) => name);
  }
}

function documentsOf(reports: readonly StoredReport[]): ReportDocument[] {
  return reports.map(({ outgoing }) => JSON.parse(outgoing.document) as ReportDocument);
}

function failuresIn(reports: readonly StoredReport[]): (number | undefined)[] {
  return documentsOf(reports).map(({ policies }) => policies[0]?.summary['total-failure-session-count']);
}

describe('reportDay', () => {
  it('puts a report for each domain into the outbox, with a delivery to each address', async () => {
    const reporting = await Reporting.of([GOOD, GOOD, BAD]);
    const reports = reporting.run();
    expect(reports.map(({ outgoing }) => outgoing.policyDomain)).toEqual(['bad.example', 'good.example']);
    expect(reports.every(({ handedOver }) => !handedOver)).toBe(true);
    expect(reporting.deliveries()).toEqual([
      ['mailto:tls@bad.example', 'queued', MORNING_MS],
      ['mailto:tls@good.example', 'queued', MORNING_MS],
      ['https://good.example/r', 'queued', MORNING_MS],
    ]);
    expect(reporting.eventNames()).toEqual(['reports-built']);
  });

  it('names the document, the mail and the file alike', async () => {
    const [report] = (await Reporting.of([BAD])).run();
    const [document] = documentsOf(report ? [report] : []);
    expect(document?.['report-id']).toBe(report?.outgoing.reportId);
    expect(report?.outgoing).toMatchObject({ policyDomain: 'bad.example', submitterDomain: 'sender.example' });
    expect(report?.outgoing.fileName).toMatch(
      /^sender\.example!bad\.example!1795046400!1795132799![0-9a-f]{12}\.json\.gz$/,
    );
    expect(report?.outgoing.summary).toContain('bad.example');
  });

  it('makes deliveries due at random moments within the spread', async () => {
    const reporting = await Reporting.of([GOOD]);
    reporting.run({ spreadMs: 14_400_000, random: () => 0.5 });
    expect(reporting.deliveries().map(([, , dueMs]) => dueMs)).toEqual([
      MORNING_MS + 7_200_000,
      MORNING_MS + 7_200_000,
    ]);
  });

  it('makes no outbox for a day on which nothing was collected', async () => {
    const reporting = await Reporting.of([]);
    expect(reporting.run()).toEqual([]);
    expect(reporting.logged).toEqual([]);
    expect(readOutbox(reporting.days.sqlite, reporting.outboxStem)).toBeUndefined();
  });

  it('removes the files of days that are older than keep_days', async () => {
    const reporting = await Reporting.of([GOOD]);
    const old = parseUtcDay('2026-10-01') ?? DAY;
    reporting.days.fetch('mx2', [GOOD], { day: old });
    reporting.run({ keepDays: 30 });
    expect(reporting.days.state.fetchedDays('mx2')).toEqual([]);
    expect(reporting.days.state.sessionDays()).toEqual([DAY]);
  });
});

describe('a second run of reportDay', () => {
  it('changes not one byte of the outbox and returns the same reports', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    const first = reporting.run();
    const before = reporting.days.filesOf(reporting.outboxStem);
    const second = reporting.run({
      clock: { nowMs: () => MORNING_MS + 3_600_000 },
      random: () => 0.9,
      spreadMs: 1_000,
    });
    expect(second).toEqual(first);
    expect(reporting.days.filesOf(reporting.outboxStem)).toEqual(before);
    expect(reporting.eventNames()).toEqual(['reports-built']);
  });

  it('replaces what was built under another contact, as long as it was not handed over', async () => {
    const reporting = await Reporting.of([GOOD]);
    reporting.run({ submitter: { organizationName: 'Sender', contactInfo: 'root@unset.localdomain' } });
    const [report, ...others] = reporting.run();
    expect(others).toEqual([]);
    expect(report?.outgoing.submitterDomain).toBe('sender.example');
    expect(reporting.deliveries()).toHaveLength(2);
  });

  it('reports the same sessions once, also when the contact was set anew after they were handed over', async () => {
    const reporting = await Reporting.of([GOOD]);
    const first = reporting.run();
    reporting.beginHandingOver(first);
    const second = reporting.run({ submitter: { organizationName: 'Sender', contactInfo: 'tls@new.example' } });
    expect(second.map(({ outgoing }) => outgoing)).toEqual(first.map(({ outgoing }) => outgoing));
    expect(reporting.deliveries()).toHaveLength(2);
  });

  it('changes nothing after the reports were handed over either', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    reporting.beginHandingOver(reporting.run());
    const before = reporting.days.filesOf(reporting.outboxStem);
    reporting.run();
    expect(reporting.days.filesOf(reporting.outboxStem)).toEqual(before);
    expect(reporting.eventNames()).toEqual(['reports-built']);
  });

  it('builds a report anew for sessions that turned up before it was handed over', async () => {
    const reporting = await Reporting.of([BAD]);
    const [before] = reporting.run();
    reporting.days.fetch('mx2', [BAD, BAD]);
    const after = reporting.run();
    expect(failuresIn(after)).toEqual([3]);
    expect(after[0]?.outgoing.reportId).toBe(before?.outgoing.reportId);
    expect(reporting.deliveries()).toHaveLength(1);
  });

  it('leaves a report that was handed over as it is, and says so', async () => {
    const reporting = await Reporting.of([BAD]);
    const before = reporting.run();
    reporting.beginHandingOver(before);
    reporting.days.fetch('mx2', [BAD, GOOD]);
    const after = reporting.run();
    expect(failuresIn(after)).toEqual([1, 0]);
    expect(reporting.logged.filter(({ name }) => name === 'later-sessions-left-out')).toMatchObject([
      { level: 'warning', facts: { policyDomain: 'bad.example', reportId: before[0]?.outgoing.reportId } },
    ]);
  });

  it('keeps reports on other domains when it builds one', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    reporting.run();
    expect(reporting.run({ domains: ['bad.example'] })).toHaveLength(1);
    expect(reporting.deliveries()).toHaveLength(3);
  });
});

describe('reportDay for some domains', () => {
  it('builds the reports on those alone, and the others another time', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    expect(reporting.run({ domains: ['good.example', 'absent.example'] })).toHaveLength(1);
    expect(reporting.deliveries().map(([destination]) => destination)).toEqual([
      'mailto:tls@good.example',
      'https://good.example/r',
    ]);
    expect(reporting.run()).toHaveLength(2);
  });
});
