/**
 * What is answered to who posts a report (RFC 8460 5.4): a status, and a sentence for whoever reads the sender's log.
 *
 * A sender tries again after 429 and 5xx, and gives a report up after any other status from 400 on.
 */
import type { PostedOutcome } from '#pipeline/read/posted-report.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';

export interface ReportAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MEDIA_TYPES = ['application/tlsrpt+gzip', 'application/tlsrpt+json'] as const;
export const PACKINGS = ['gzip', 'x-gzip', 'deflate'] as const;
/** Every status that is answered, other than what Node.js says to what is no HTTP. */
export const reportStatuses = [200, 201, 400, 404, 405, 413, 415, 429, 503] as const;

const [SOON_S, LATER_S] = [10, 300] as const;

export const refusals = {
  notFound: { status: 404, text: 'There is nothing at this path.' },
  wrongMethod: { status: 405, text: 'Reports are posted.', headers: { Allow: 'POST' } },
  tooLarge: { status: 413, text: 'It is larger than any report.' },
  mediaType: {
    status: 415,
    text: `The Content-Type must be ${MEDIA_TYPES.join(' or ')}.`,
    headers: { 'Accept-Post': MEDIA_TYPES.join(', ') },
  },
  packing: {
    status: 415,
    text: 'This Content-Encoding cannot be read.',
    headers: { 'Accept-Encoding': PACKINGS.join(', ') },
  },
  full: later('There is no room for more now.', SOON_S),
  late: later('The disk takes too long.', SOON_S),
  stopping: later('The server is stopping.', SOON_S),
} as const satisfies Record<string, ReportAnswer>;

export function tooMany(waitS: number): ReportAnswer {
  return { ...later('More was posted from this address than is taken in a minute.', waitS), status: 429 };
}

export function outcomeAnswer(outcome: PostedOutcome): ReportAnswer {
  switch (outcome.kind) {
    case 'stored':
      return { status: 201, text: 'The report is stored.' };
    case 'known':
      return { status: 200, text: 'The report was stored before.' };
    case 'too-old':
      return { status: 400, text: 'The report is about a day that is too long ago.' };
    case 'unreadable':
      return { status: outcome.code === 'too-large' ? 413 : 400, text: sentence(unreadableMeanings[outcome.code]) };
    case 'not-stored':
      return later('The report cannot be stored now.', outcome.code === 'disk-full' ? LATER_S : SOON_S);
  }
}

function later(why: string, waitS: number): ReportAnswer {
  return { status: 503, text: `${why} Try again later.`, headers: { 'Retry-After': String(waitS) } };
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
