import { describe, expect, it } from 'vitest';
import { incidentNotice, incidentsNotice, incidentSubject } from '#cli/output/watch-notice.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { Incident, IncidentNews } from '#store/watch-book.ts';

const [SINCE_MS, AT_MS] = [Date.UTC(2026, 10, 18, 12), Date.UTC(2026, 10, 18, 12, 2)];
const MAKING = { id: 'n1', madeMs: AT_MS, host: 'mx.example', commands: new ShellCommands([]) };

function incident(given: Partial<Incident> = {}): Incident {
  const example = { resultType: 'certificate-expired', policyType: 'sts', policyDomain: 'a.example' };
  return { kind: 'failing', domain: 'a.example', sinceMs: SINCE_MS, failed: 6, successful: 1, example, ...given };
}

function news(given: Partial<Incident> = {}, change: IncidentNews['change'] = 'begun'): IncidentNews {
  return { change, atMs: AT_MS, incident: incident(given) };
}

describe('The notice of an incident', () => {
  it('says what, since when, how many, an example, what it means, and what to look at', () => {
    const before = { days: 7, successful: 990, failed: 10 };
    const example = {
      ...incident().example,
      receivingMxHostname: 'mx1.a.example',
      receivingIp: '192.0.2.1',
      failureReasonCode: 'expired',
    } as Incident['example'];
    const { subject, text, facts } = incidentNotice(news({ before, example }), MAKING);
    expect(subject).toBe('TLS fails with a.example: 6 of 7 sessions');
    expect(text.split('\n').slice(2, 7)).toEqual([
      'Since 2026-11-18 12:00 UTC: 6 sessions failed, 1 did not.',
      'Before: 10 of 1000 sessions failed on 7 days.',
      '  For example certificate-expired (sts of a.example), to "mx1.a.example", at',
      '    "192.0.2.1", reason "expired"',
      '  The certificate of the server was past its last day.',
    ]);
    expect(text).toContain('  $ openssl s_client -starttls smtp -connect mx1.a.example:25');
    expect(text).toContain('  $ tlsrpt check a.example');
    expect(facts).toMatchObject({
      kind: 'incident',
      change: 'begun',
      incident: 'failing',
      since: '2026-11-18T12:00:00.000Z',
      before,
    });
  });

  it('has nothing of a stranger that is not to be seen, in a command, or without end', () => {
    const hostile = `$(reboot)\u202e\r\nBcc: x\u0000${'y'.repeat(100_000)}`;
    const example = {
      resultType: hostile,
      policyType: hostile,
      policyDomain: hostile,
      receivingMxHostname: hostile,
      additionalInformation: hostile,
    };
    const wave = { domains: 2, named: [hostile, hostile], site: hostile };
    for (const kind of ['failing', 'new-type', 'own-domain', 'wave'] as const)
      for (const change of ['begun', 'over', 'lapsed'] as const) {
        const notice = incidentNotice(news({ kind, domain: hostile, example, wave }, change), MAKING);
        expect(notice.subject).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(notice.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(notice.text.split('\n').filter((line) => /^(?:Bcc|\s*\$ .*reboot)/.test(line))).toEqual([]);
        expect(JSON.stringify(notice).length).toBeLessThan(10_000);
        expect(JSON.stringify(notice.facts)).not.toMatch(/\\u202e|\\u0000|\\r/);
      }
  });

  it.each([
    [
      { kind: 'wave', domain: '', wave: { domains: 34, named: ['a.example'], site: 'big.example' } },
      'TLS fails with 34 domains at once, all at mail hosts of big.example',
    ],
    [{ kind: 'silence', domain: '', silence: { usualMs: 20_000, isCollected: false } }, 'No TLS results come any more'],
    [{ kind: 'new-type' }, 'New TLS failure with a.example: certificate-expired'],
  ] as const)('has a subject of its own for each kind', (given, subject) => {
    expect(incidentSubject(news(given as Partial<Incident>))).toBe(subject);
  });

  it('of silence says what was usual, and whether a collector runs', () => {
    const silence = { usualMs: 20_000, isCollected: false };
    const { text } = incidentNotice(news({ kind: 'silence', domain: '', silence }), MAKING);
    expect(text).toContain('for 2 minutes. On the days\nbefore, it was silent for 20 seconds at most');
    expect(text).toContain('No collector runs');
  });

  it('sums up what was too much, and says how much more there was', () => {
    const all = Array.from({ length: 60 }, (_, index) =>
      news({ domain: `d${String(index)}.example` }, index % 2 === 0 ? 'begun' : 'over'),
    );
    const { subject, text, facts } = incidentsNotice(all, 7, MAKING);
    expect(subject).toBe('67 changes with TLS: 30 begun, 30 over');
    expect(text).toContain('- 2026-11-18 12:02 UTC TLS fails with d0.example: 6 of 7 sessions');
    expect(text).toContain('And 27 more, which are in the log.');
    expect(facts).toMatchObject({ kind: 'incidents', omitted: 27 });
  });
});
