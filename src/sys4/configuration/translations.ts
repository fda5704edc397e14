/**
 * What becomes of each key in the configuration of sys4's tlsrpt-reporter: one of our settings, or advice where there is none.
 */
import type { SettingName } from '#config/settings.ts';

export type Translation =
  | {
      readonly kind: 'setting';
      readonly name: SettingName;
      /** As one would write it in the file. */
      readonly value: string | number | readonly string[];
      readonly note?: string;
    }
  | { readonly kind: 'none'; readonly advice: string };

export type Translate = (value: string) => Translation;

/** By section. A key that ends in `*` stands for all that begin so. */
export const translations: Readonly<Record<string, Readonly<Record<string, Translate>>>> = {
  tlsrpt_collectd: {
    storage: none(
      'tlsrpt keeps its days in state_dir, by default /var/lib/tlsrpt. What the old database still holds is for the old reporter; see docs/moving-from-sys4.md.',
    ),
    socketname: as('socket'),
    socketuser: as('socketUser'),
    socketgroup: as('socketGroup'),
    socketmode: (value) => setting('socketMode', octalMode(value)),
    sockettimeout: none('collect writes what it has whether datagrams come or not.'),
    max_uncommited_datagrams: none('collect writes at least every 100 ms under load, and at once after a pause.'),
    daily_rollover_script: none(
      'A day is closed at midnight UTC without one. Run what is to happen then from a timer.',
    ),
    dump_path_for_invalid_datagram: none(
      'Datagrams that cannot be read are kept in quarantine/ in the state directory, up to 100 of them.',
    ),
  },
  tlsrpt_fetcher: {
    storage: none('tlsrpt fetch reads the state directories of other hosts. See docs/moving-from-sys4.md.'),
  },
  tlsrpt_reportd: {
    dbname: none(
      'What was built and delivered is kept in outbox/ in the state directory. Let the old reporter end its deliveries first.',
    ),
    keep_days: (value) => setting('keepDays', wholeNumber(value)),
    fetchers: sources,
    organization_name: as('organization'),
    contact_info: (value) => setting('contact', value.replace(/^mailto:/i, '')),
    sender_address: as('from'),
    compression_level: none('Reports are compressed as gzip does by default.'),
    tlsrpt_record_map: as('recordMap'),
    mail_destination_map: as('mailMap'),
    http_upload_map: as('httpsMap'),
    http_script: none(
      'tlsrpt delivers by HTTPS itself; an answer other than 2xx is no success. Further authorities: send.https_ca; other routes: send.https_connect_to.',
    ),
    http_timeout: (value) => setting('timeout', duration(value), 'The longer of the two, for mail and HTTPS alike.'),
    sendmail_script: sendmail,
    sendmail_timeout: (value) =>
      setting('timeout', duration(value), 'The longer of the two, for mail and HTTPS alike.'),
    spread_out_delivery: (value) => setting('spread', duration(value)),
    'max_retries_*': retries(),
    'min_wait_*': retries(),
    'max_wait_*': retries(),
  },
};

function setting(name: SettingName, value: string | number | readonly string[], note?: string): Translation {
  return { kind: 'setting', name, value, ...(note === undefined ? {} : { note }) };
}

function as(name: SettingName): Translate {
  return (value) => setting(name, value);
}

function none(advice: string): Translate {
  return () => ({ kind: 'none', advice });
}

function retries(): Translate {
  return none('tlsrpt tries again after 1 minute up to 2 hours, for 24 hours (RFC 8460 5.5); that is not set.');
}

function sources(value: string): Translation {
  const commands = value
    .split(/[,\n]/)
    .map((command) => command.trim())
    .filter((command) => command !== '');
  return setting(
    'sources',
    commands,
    'The old fetchers. Where a host runs tlsrpt collect, write sftp://USER@HOST/var/lib/tlsrpt instead; leave out this host itself then.',
  );
}

/** tlsrpt gives the arguments itself. */
function sendmail(value: string): Translation {
  const [command = '', ...words] = value.split(/\s+/);
  if (!/(?:^|\/)sendmail$/.test(command))
    return { kind: 'none', advice: 'Name the mail server in send.smtp, or a sendmail command in send.sendmail.' };
  const note = words.length > 0 ? `Called with -i -f FROM -- RECIPIENT, not with ${words.join(' ')}.` : undefined;
  return setting('sendmail', command.startsWith('/') ? command : '/usr/sbin/sendmail', note);
}

/** Seconds, in the largest unit that says the same. */
function duration(value: string): string {
  if (!/^\d+(?:\.\d+)?$/.test(value)) return value;
  const seconds = Math.ceil(Number(value));
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const;
  const [unit, length] = units.find(([, size]) => seconds > 0 && seconds % size === 0) ?? ['s', 1];
  return `${String(seconds / length)}${unit}`;
}

function octalMode(value: string): string {
  const [, digits] = /^0?o?([0-7]{3})$/i.exec(value) ?? [];
  return digits === undefined ? value : `0${digits}`;
}

function wholeNumber(value: string): number | string {
  return /^\d{1,9}$/.test(value) ? Number(value) : value;
}
