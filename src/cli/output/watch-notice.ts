/**
 * The notices of what watch finds: for people, and as JSON in the shape that docs/json.md promises.
 *
 * All names are foreign. Each is cut, has nothing that is not to be seen, and stands behind words of ours.
 */
import type { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { Notice } from '#store/notices.ts';
import type { Incident, IncidentNews } from '#store/watch-book.ts';
import { domainToName, UNNAMED_DOMAIN } from '#tlsrpt/explain-failure.ts';
import { showForeign, wrapText } from '#tlsrpt/plain-lines.ts';
import { meaningOfReason } from '#tlsrpt/reason-meaning.ts';
import { durationText } from './duration-text.ts';
import { explanationLines } from './failure-explanation.ts';
import { incidentJson, shown } from './incident-json.ts';

export interface NoticeMaking {
  readonly id: string;
  readonly madeMs: number;
  /** The name of this host. */
  readonly host: string;
  readonly commands: ShellCommands;
}

const MOST_SUMMED = 40;
const MOST_NAMED = 10;
const MAX_REASON_LENGTH = 200;
const PLAIN = { first: '', others: '' };
const INDENTS = { first: '  ', others: '    ' };

export function incidentNotice(news: IncidentNews, { id, madeMs, host, commands }: NoticeMaking): Notice {
  const lines = news.change === 'begun' ? begunLines(news, commands) : endedLines(news);
  const text = [...wrapText(`${incidentSubject(news)}.`, PLAIN), '', ...lines, '', footOf(host)].join('\n');
  return { id, madeMs, subject: incidentSubject(news), text, facts: { kind: 'incident', host, ...incidentJson(news) } };
}

/** Of what was too much for notices of its own; `uncounted` changes of which no more is known than how many they were. */
export function incidentsNotice(
  news: readonly IncidentNews[],
  uncounted: number,
  { id, madeMs, host }: NoticeMaking,
): Notice {
  const begun = news.filter(({ change }) => change === 'begun').length;
  const subject = `${String(news.length + uncounted)} changes with TLS: ${String(begun)} begun, ${String(news.length - begun)} over`;
  const listed = news.slice(0, MOST_SUMMED);
  const omitted = news.length - listed.length + uncounted;
  const text = [
    'These came while enough notices were made within an hour:',
    '',
    ...listed.flatMap((one) =>
      wrapText(`${timeText(one.atMs)} ${incidentSubject(one)}`, { first: '- ', others: '  ' }),
    ),
    ...(omitted > 0 ? [`And ${String(omitted)} more, which are in the log.`] : []),
    '',
    footOf(host),
  ].join('\n');
  return {
    id,
    madeMs,
    subject,
    text,
    facts: { kind: 'incidents', host, incidents: listed.map(incidentJson), omitted },
  };
}

/** One line, without a full stop. */
export function incidentSubject({ change, incident }: IncidentNews): string {
  if (change === 'begun') return begunSubject(incident);
  return `${change === 'over' ? 'Over' : 'No sessions any more'}: ${endedSubject(incident)}`;
}

function begunSubject(incident: Incident): string {
  const { kind, failed, successful } = incident;
  switch (kind) {
    case 'failing':
      return `TLS fails with ${shown(incident.domain)}: ${String(failed)} of ${sessionsText(failed + successful)}`;
    case 'new-type':
      return `New TLS failure with ${shown(incident.domain)}: ${typeOf(incident)}`;
    case 'own-domain':
      return `TLS failure at our domain ${shown(incident.domain)}: ${typeOf(incident)}`;
    case 'wave':
      return `TLS fails with ${String(incident.wave?.domains ?? 0)} domains at once${siteText(incident)}`;
    case 'silence':
      return 'No TLS results come any more';
  }
}

function endedSubject(incident: Incident): string {
  const { kind, wave } = incident;
  switch (kind) {
    case 'failing':
      return `TLS failed with ${shown(incident.domain)}`;
    case 'new-type':
      return `TLS failure with ${shown(incident.domain)}: ${typeOf(incident)}`;
    case 'own-domain':
      return `TLS failure at our domain ${shown(incident.domain)}`;
    case 'wave':
      return `TLS failed with ${String(wave?.domains ?? 0)} domains at once${siteText(incident)}`;
    case 'silence':
      return 'no TLS results came';
  }
}

function typeOf({ example }: Incident): string {
  return example === undefined ? 'no details' : shown(example.resultType);
}

function siteText({ wave }: Incident): string {
  return wave?.site === undefined ? '' : `, all at mail hosts of ${shown(wave.site)}`;
}

function begunLines({ atMs, incident }: IncidentNews, commands: ShellCommands): string[] {
  const { kind, failed, successful, sinceMs } = incident;
  const counts = `Since ${timeText(sinceMs)}: ${sessionsText(failed)} failed, ${String(successful)} did not.`;
  if (kind === 'silence') return silenceLines(incident, atMs);
  return [
    ...wrapText(kind === 'failing' || kind === 'wave' ? counts : seenText(incident), PLAIN),
    ...beforeLines(incident),
    ...waveLines(incident),
    ...exampleLines(incident),
    ...meaningLines(incident, commands),
  ];
}

function seenText({ kind, failed, sinceMs }: Incident): string {
  const seen = `Since ${timeText(sinceMs)} it was seen in ${sessionsText(failed)}.`;
  return kind === 'new-type' ? `${seen} This result type was not seen with the domain before.` : seen;
}

function beforeLines({ before }: Incident): string[] {
  if (!before) return [];
  const sessions = before.failed + before.successful;
  return wrapText(
    `Before: ${String(before.failed)} of ${sessionsText(sessions)} failed on ${String(before.days)} days.`,
    PLAIN,
  );
}

function waveLines({ wave }: Incident): string[] {
  if (!wave) return [];
  const named = wave.named.slice(0, MOST_NAMED).map(shown);
  const more = wave.domains > named.length ? ` and ${String(wave.domains - named.length)} more` : '';
  const whose =
    wave.site === undefined
      ? 'So many at once are hardly their trouble: look at this host first: its DNS, its clock, its network, and the certificates of the authorities that it trusts.'
      : 'All of them have their mail there, so the trouble is hardly theirs, nor ours.';
  return [...wrapText(`Domains: ${named.join(', ')}${more}.`, PLAIN), ...wrapText(whose, PLAIN)];
}

function exampleLines({ example }: Incident): string[] {
  if (!example) return [];
  const parts = [
    ['from', example.sendingMtaIp],
    ['to', example.receivingMxHostname],
    ['at', example.receivingIp],
    ['reason', example.failureReasonCode],
    ['see', example.additionalInformation],
  ] as const;
  const told = parts.flatMap(([word, text]) =>
    text === undefined || text === '' ? [] : [`${word} "${showForeign(text, MAX_REASON_LENGTH)}"`],
  );
  const name = `${shown(example.resultType)} (${shown(example.policyType)} of ${shown(example.policyDomain)})`;
  return wrapText(`For example ${[name, ...told].join(', ')}`, INDENTS);
}

/** What it means is said for those who run the domain; whoever is told can see it by the commands. */
function meaningLines({ domain, example }: Incident, commands: ShellCommands): string[] {
  if (!example) return domainToName(domain) === UNNAMED_DOMAIN ? [] : [`  $ tlsrpt check ${domain}`];
  const { resultType, policyType, policyDomain, receivingMxHostname, failureReasonCode } = example;
  const meaning = failureReasonCode === undefined ? undefined : meaningOfReason(failureReasonCode);
  const hosts = receivingMxHostname === undefined ? [] : [receivingMxHostname.toLowerCase()];
  const name = policyDomain === '' ? domain : policyDomain;
  const meanings = meaning === undefined ? [] : [meaning];
  return explanationLines({ policyType, policyDomain: name, resultType, hosts, meanings }, commands);
}

function silenceLines({ sinceMs, silence }: Incident, atMs: number): string[] {
  const usual =
    silence?.usualMs === undefined
      ? 'On the days before, some came each day.'
      : `On the days before, it was silent for ${durationText(silence.usualMs)} at most at this time of day.`;
  return [
    ...wrapText(`Nothing has come since ${timeText(sinceMs)}, for ${durationText(atMs - sinceMs)}. ${usual}`, PLAIN),
    ...(silence?.isCollected === false ? wrapText('No collector runs: start it, or see why it ended.', PLAIN) : []),
    '  $ tlsrpt doctor',
    '  $ tlsrpt status',
  ];
}

function endedLines({ change, atMs, incident }: IncidentNews): string[] {
  const { sinceMs, kind, failed, successful } = incident;
  const lasted = `It was so from ${timeText(sinceMs)} to ${timeText(atMs)}, for ${durationText(atMs - sinceMs)}.`;
  if (kind === 'silence') return wrapText(lasted, PLAIN);
  const counts = `In that time ${sessionsText(failed)} had it, ${String(successful)} had not.`;
  const why = 'Nothing has come for a day that would show whether it lasts.';
  return [...wrapText(lasted, PLAIN), ...wrapText(change === 'lapsed' ? why : counts, PLAIN)];
}

function sessionsText(count: number): string {
  return `${String(count)} ${count === 1 ? 'session' : 'sessions'}`;
}

function footOf(host: string): string {
  return `tlsrpt watch on ${host}`;
}

function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
