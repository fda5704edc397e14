/**
 * Checks the TLSRPT record of a domain: whether there is one, where its mistake is, and where reports go (RFC 8460 3).
 */
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import type { TlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';
import { selectTlsrptRecord } from '#tlsrpt/select-tlsrpt-record.ts';
import { withoutAnswer } from './without-answer.ts';
import type { Finding } from './finding.ts';
import type { SendersView } from './senders-view.ts';

const ABOUT = 'tlsrpt-record';

export async function checkTlsrptRecord(domain: string, { names, commands }: SendersView): Promise<readonly Finding[]> {
  const name = `_smtp._tls.${domain}`;
  const answer = await names.texts(name);
  if (answer.kind !== 'answered') return [withoutAnswer(ABOUT, answer, commands.digSigned('TXT', name))];
  return judge(answer.records).map((finding) => withCommand(finding, commands.dig('TXT', name)));
}

function judge(txtRecords: readonly (readonly string[])[]): Finding[] {
  const selection = selectTlsrptRecord(txtRecords);
  switch (selection.kind) {
    case 'none':
      return [{ about: ABOUT, state: 'note', cause: 'there is none, so nobody reports what goes wrong' }];
    case 'several':
      return [wrong(`there are ${String(selection.records.length)}, and with more than one senders use none`)];
    case 'one': {
      const reading = readTlsrptRecord(selection.record);
      return reading.kind === 'invalid'
        ? [{ ...wrong(reading.why), place: reading.place }]
        : [destinationsOf(reading.record), ...unusableOf(reading.record)];
    }
  }
}

function destinationsOf({ addresses }: TlsrptRecord): Finding {
  return { about: ABOUT, state: 'ok', cause: `reports go to ${addresses.map(({ uri }) => uri).join(', ')}` };
}

function unusableOf({ unusable }: TlsrptRecord): Finding[] {
  return unusable.map(({ uri, why, place }) => ({ ...wrong(`"${uri}" cannot be used: ${why}`), place }));
}

function wrong(cause: string): Finding {
  return { about: ABOUT, state: 'wrong', cause };
}

function withCommand(finding: Finding, command: string): Finding {
  return finding.state === 'ok' ? finding : { ...finding, command };
}
