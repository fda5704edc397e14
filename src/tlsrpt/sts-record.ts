/**
 * Reads an MTA-STS record, the TXT record at `_mta-sts.DOMAIN` by which a domain says that it has a policy (RFC 8461 3.1).
 *
 * Other TXT records may stand beside it; without exactly one, senders take the domain for one without a policy.
 */
import { placedText, placeIn, splitPlaced, trimPlaced } from './placed-text.ts';
import type { Place } from './placed-text.ts';
import { isExtension } from './record-extension.ts';
import { selectRecord } from './select-tlsrpt-record.ts';
import type { RecordSelection } from './select-tlsrpt-record.ts';

export type StsRecordReading =
  | { readonly kind: 'record'; readonly id: string }
  /** `place` where the mistake is at one; what is missing has none. */
  | { readonly kind: 'invalid'; readonly why: string; readonly place?: Place | undefined };

/** What DNS can hold is sixteen times as much, and what anyone publishes a fiftieth. */
const MAX_RECORD_LENGTH = 4_096;
const MAX_QUOTED_LENGTH = 80;
const ID = /^id=[A-Za-z0-9]{1,32}$/;

/** Each TXT record is given as the character-strings it is made of. */
export function selectStsRecord(txtRecords: readonly (readonly string[])[]): RecordSelection {
  return selectRecord(txtRecords, 'STSv1');
}

export function readStsRecord(text: string): StsRecordReading {
  if (text.length > MAX_RECORD_LENGTH) return invalid(`it is longer than ${String(MAX_RECORD_LENGTH)} characters`);
  const fields = splitPlaced(placedText(text), ';').slice(1).map(trimPlaced);
  if (fields.at(-1)?.text === '') fields.pop();
  const malformed = fields.find((field) => !isExtension(field.text) || isWrongId(field.text));
  if (malformed) {
    const quoted = malformed.text.slice(0, MAX_QUOTED_LENGTH);
    const form = isWrongId(quoted) ? 'id=, followed by 1 to 32 letters and digits' : 'name=value';
    return invalid(`"${quoted}" is no field of the form ${form}`, placeIn(text, malformed));
  }
  const ids = fields.filter((field) => ID.test(field.text));
  const [first, second] = ids;
  if (!first) return invalid('it has no id field');
  if (second) return invalid('it has more than one id field', placeIn(text, second));
  return { kind: 'record', id: first.text.slice('id='.length) };
}

function isWrongId(field: string): boolean {
  return field.startsWith('id=') && !ID.test(field);
}

function invalid(why: string, place?: Place): StsRecordReading {
  return { kind: 'invalid', why, place };
}
