import PostalMime from 'postal-mime';
import { beforeAll, describe, expect, it } from 'vitest';
import { byteMailEditor } from '#adapters/mail/editing/byte-mail-editor.ts';
import { filterMail } from '#pipeline/read/filter-mail.ts';
import type { FilterFailure, MailFilter } from '#pipeline/read/filter-mail.ts';
import { readMail } from '#pipeline/read/read-mail.ts';
import { markedMails, passingMails } from '#test/support/filtered-mails.ts';
import type { MailCase } from '#test/support/filtered-mails.ts';
import { oddMails, reportMails } from '#test/support/filtered-reports.ts';
import { ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';
import { readByPython } from '#test/support/python-mails.ts';
import type { PythonMail, PythonPart } from '#test/support/python-mails.ts';
import { has } from '#test/support/real-parts.ts';
import { usualMailFilter } from '#test/support/usual-mail-filter.ts';

const FIELD = 'tls-report-has-failures';
const told: FilterFailure[] = [];
const usual: MailFilter = { ...usualMailFilter, told: (failure) => told.push(failure) };
const filtered = (mail: Buffer, changes: Partial<MailFilter> = {}): Promise<Buffer> =>
  filterMail(mail, { ...usual, ...changes });

interface Seen {
  readonly mail: Buffer;
  readonly before: PythonMail;
  readonly after: PythonMail;
}

/** Before and after, as Python reads them. */
const seen = new Map<MailCase, Seen>();

beforeAll(async () => {
  if (!has('python3')) return;
  const cases = [passingMails, markedMails, reportMails].flatMap((mails) => Object.values(mails));
  const mails = await Promise.all(
    cases.map((each) => filtered(each.mail, { expectsReport: each.expectsReport ?? false })),
  );
  const read = readByPython([...cases.map(({ mail }) => mail), ...mails]);
  for (const [index, each] of cases.entries()) {
    const [before, after] = [read[index], read[index + cases.length]];
    const mail = mails[index];
    if (before && after && mail) seen.set(each, { mail, before, after });
  }
});

function seenOf(each: MailCase): Seen {
  const found = seen.get(each);
  if (!found) throw new Error('it was not filtered');
  return found;
}

function marksIn({ fields }: PythonMail): string[] {
  return fields.filter(([name]) => name === FIELD).map(([, value]) => value);
}

/** Whether nothing but insertions makes one of the other. */
function isWithin(piece: Buffer, whole: Buffer): boolean {
  let at = 0;
  for (const byte of whole) if (byte === piece[at]) at += 1;
  return at === piece.length;
}

/** Without the fields that a mail must not come with, by a look that is not ours. Behind a bare CR the LF stays, which ends another line as well. */
function unspoofed(mail: Buffer): string {
  const [header = ''] = /^[^]*?(?:^|\n)\r?\n|^[^]*$/.exec(mail.toString('latin1')) ?? [];
  const kept = header.replace(
    /(?<=^|[\r\n])tls-report-has-failures[ \t]*:[^\r\n]*(?:\r?\n(?:[ \t][^\r\n]*)?(?=[ \t]))*(?:\r?\n[ \t][^\r\n]*)*\r?\n/gi,
    (_, at: number) => (header[at - 1] === '\r' ? '\n' : ''),
  );
  return kept + mail.toString('latin1', header.length);
}

const rows = (mails: Readonly<Record<string, MailCase>>): [string, MailCase][] => Object.entries(mails);
const decoded = (bytes: Buffer, charset: string | null): string => {
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
};

describe.runIf(has('python3'))('a mail without a report', () => {
  it.each(rows(passingMails))('passes as it is, but for a field that it must not have: %s', (_, each) => {
    const { mail, after } = seenOf(each);
    expect(mail.toString('latin1')).toBe(unspoofed(each.mail));
    expect(marksIn(after)).toEqual([]);
  });
});

describe.runIf(has('python3'))('a mail that should have a report', () => {
  it.each(rows(markedMails))('passes with the reason why there is none: %s', (_, each) => {
    const { mail, before, after } = seenOf(each);
    expect(marksIn(after)).toEqual([each.value]);
    expect(isWithin(each.mail, mail)).toBe(true);
    expect(after.parts.map(({ bytes }) => bytes.toString('latin1').trimStart())).toEqual(
      before.parts.map(({ bytes }) => bytes.toString('latin1').trimStart()),
    );
  });
});

describe.runIf(has('python3'))('a mail with a report', () => {
  it.each(rows(reportMails))('has what the report says in its text, and all that it had: %s', (_, each) => {
    const { before, after } = seenOf(each);
    const { value, textIn = [], newPart } = each;
    expect(marksIn(after)).toEqual(value === undefined ? [] : [value]);
    expect(after.parts.length).toBe(before.parts.length + (newPart === undefined ? 0 : 1));
    const originals: (PythonPart | undefined)[] = [...before.parts];
    if (newPart !== undefined) originals.splice(newPart, 0, undefined);
    for (const [index, part] of after.parts.entries()) {
      const original = originals[index];
      const text = decoded(part.bytes, part.charset);
      expect([index, /^policy sts of a\.example: /m.test(text)]).toEqual([index, textIn.includes(index)]);
      if (!original) continue;
      expect([part.type, part.charset]).toEqual([original.type, original.charset]);
      const kept = textIn.includes(index) ? part.bytes.subarray(0, original.bytes.length) : part.bytes;
      expect(kept.toString('latin1').trimEnd()).toBe(original.bytes.toString('latin1').trimEnd());
    }
    expect(after.defects.filter((defect) => !before.defects.includes(defect))).toEqual([]);
    const fields = (mail: PythonMail): string[] =>
      mail.fields
        .map(([name, text]) => `${name}: ${text}`)
        .filter((field) => !/^(?:content-|mime-|tls-report-has)/.test(field));
    expect(fields(after)).toEqual(fields(before));
  });

  it.each(rows(reportMails))('reads the same to postal-mime: %s', async (_, each) => {
    const { mail } = seenOf(each);
    const { text = '', html = '', headers } = await PostalMime.parse(withoutSeparator(mail));
    expect(headers.filter(({ key }) => key === FIELD).map(({ value }) => value)).toEqual(
      each.value === undefined ? [] : [each.value],
    );
    expect(text || html).toMatch(/^policy sts of a\.example: /m);
    expect((await readMail(withoutSeparator(mail), openerHere, unaskedSender)).kind).toBe('reports');
  });

  it('keeps its kind of line ends', () => {
    for (const [name, each] of rows(reportMails)) {
      const { mail } = seenOf(each);
      const has = (bytes: Buffer, end: RegExp): boolean => end.test(bytes.toString('latin1'));
      if (!has(each.mail, /(?<!\r)\n/)) expect([name, has(mail, /(?<!\r)\n/)]).toEqual([name, false]);
      if (!has(each.mail, /\r\n/)) expect([name, has(mail, /\r\n/)]).toEqual([name, false]);
    }
  });

  it.each(Object.entries(oddMails))(
    'is marked, and has all that it had, where readers do not agree: %s',
    async (_, mail) => {
      const result = (await filtered(mail)).toString('latin1');
      expect(result).toMatch(/^TLS-Report-Has-Failures: 303\r\n/);
      expect(result).toContain(mail.toString('latin1').slice(mail.indexOf('\r\n\r\n')));
    },
  );
});

function withoutSeparator(mail: Buffer): Buffer {
  return mail.toString('latin1', 0, 5) === 'From ' ? mail.subarray(mail.indexOf('\n') + 1) : mail;
}

describe('filtering', () => {
  const bug = new Error('unforeseen');
  const fail = (): never => {
    throw bug;
  };
  const FAILED = 'TLS-Report-Has-Failures: cannot be read: tlsrpt failed (internal-error)\r\n';

  it('marks what takes too long, and passes it as it is', async () => {
    const mail = await filtered(reportMail(), { read: () => new Promise(() => undefined), deadlineMs: 1 });
    expect(mail.toString()).toBe(
      `TLS-Report-Has-Failures: cannot be read: reading it takes too long\r\n${reportMail().toString()}`,
    );
  });

  it('marks what nobody foresaw, tells it, and passes the mail as it is', async () => {
    told.length = 0;
    expect((await filtered(ordinaryMail, { read: () => Promise.reject(bug) })).toString()).toBe(
      FAILED + ordinaryMail.toString(),
    );
    expect((await filtered(ordinaryMail, { read: fail })).toString()).toBe(FAILED + ordinaryMail.toString());
    expect(told).toEqual([
      { kind: 'failed', error: bug },
      { kind: 'failed', error: bug },
    ]);
  });

  it('marks a mail whose text cannot be made or put into it', async () => {
    const marked = `TLS-Report-Has-Failures: 303\r\n${reportMail().toString()}`;
    expect((await filtered(reportMail(), { textOf: fail })).toString()).toBe(marked);
    expect((await filtered(reportMail(), { editor: { ...byteMailEditor, addText: fail } })).toString()).toBe(marked);
  });

  it('passes a mail as it is when not even its header can be changed', async () => {
    const editor = { ...byteMailEditor, addField: fail, addText: fail, fieldRemoval: fail };
    expect(await filtered(reportMail(), { editor })).toEqual(reportMail());
  });

  it('takes no report for one where it is not shown who sent it, if that is asked for', async () => {
    const mail = await filtered(reportMail(), { requiresSender: true });
    expect(mail.toString()).toBe(
      `TLS-Report-Has-Failures: cannot be read: it is not shown who sent it\r\n${reportMail().toString()}`,
    );
  });
});
