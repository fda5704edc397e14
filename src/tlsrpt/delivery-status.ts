/**
 * The part of a delivery status notification that is for programs (RFC 3464 2.1), read with patience: fields that are odd are passed over.
 */
export interface RecipientStatus {
  /** RFC 3464 2.3.3, in lower case: failed, delayed, delivered, relayed, expanded. */
  readonly action: string;
  /** RFC 3463, such as 5.1.1. */
  readonly status: string | undefined;
  /** Of whoever answered, or of who gave up. */
  readonly words: string;
  /** In lower case. */
  readonly mailboxes: readonly string[];
}

type Fields = ReadonlyMap<string, string>;

const MOST_GROUPS = 200;
const STATUS = /\b([245]\.\d{1,3}\.\d{1,3})\b/;
const FIELD = /^([\w-]+)[ \t]*:([^]*)$/;

/** One for each recipient that something is said of. */
export function readDeliveryStatus(text: string): RecipientStatus[] {
  return text
    .split(/\r?\n(?:[ \t]*\r?\n)+/, MOST_GROUPS)
    .map(fieldsIn)
    .filter((fields) => fields.has('action'))
    .map(statusOf);
}

/** Of several fields of a name the first counts. */
function fieldsIn(group: string): Fields {
  const fields = new Map<string, string>();
  for (const line of group.split(/\r?\n(?![ \t])/)) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    if (name !== '' && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}

function statusOf(fields: Fields): RecipientStatus {
  const words = withoutType(fields.get('diagnostic-code') ?? '');
  return {
    action: /^[a-z]+/.exec((fields.get('action') ?? '').toLowerCase())?.[0] ?? '',
    status: statusIn(fields.get('status') ?? '') ?? statusIn(words),
    words,
    mailboxes: ['original-recipient', 'final-recipient'].flatMap((name) => mailboxIn(fields.get(name))),
  };
}

/** RFC 3464 2.1.2: the type of an address, a name or a code stands before a semicolon. */
function withoutType(value: string): string {
  return value.replace(/^[\w-]+[ \t]*;\s*/, '');
}

function mailboxIn(value = ''): string[] {
  const mailbox = withoutType(value).replace(/^<|>$/g, '').toLowerCase();
  return mailbox.includes('@') ? [mailbox] : [];
}

/** The first that is in a text. */
export function statusIn(text: string): string | undefined {
  return STATUS.exec(text)?.[1];
}
