/**
 * What becomes of each key in the configuration of sys4's tlsrpt-reporter: settings of ours, a destination map, or advice where there is
 * neither.
 */
import type { SettingName } from '#config/settings.ts';
import { contactAddress } from '../contact-address.ts';
import { hasCredentials, withoutCredentials } from './hide-credentials.ts';
import { sources } from './translate-fetchers.ts';
import { curl, sendmail } from './translate-scripts.ts';
import type { MapName, Translate, Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

/** By section. A key that ends in `*` stands for all that begin so. */
export const translations: Readonly<Record<string, Readonly<Record<string, Translate>>>> = {
  tlsrpt_collectd: {
    storage: none(
      'tlsrpt keeps its days in state_dir, by default /var/lib/tlsrpt. tlsrpt import sys4 moves what the old database holds.',
    ),
    socketname: as('socket'),
    socketuser: as('socketUser'),
    socketgroup: as('socketGroup'),
    socketmode: (value) => setting('socketMode', octalMode(value)),
    sockettimeout: none('collect writes what it has whether datagrams come or not.'),
    max_uncommited_datagrams: none('collect writes at least every 100 ms under load, and at once after a pause.'),
    retry_commit_datagram_count: none('What cannot be written is kept in memory and tried again until it works.'),
    daily_rollover_script: none(
      'A day is closed at midnight UTC without one. Run what is to happen then from a timer.',
    ),
    dump_path_for_invalid_datagram: none(
      'Datagrams that cannot be read are kept in quarantine/ in the state directory, up to 100 of them.',
    ),
    ...daemonKeys(),
  },
  tlsrpt_fetcher: {
    storage: none('tlsrpt fetch reads the state directories of other hosts. See docs/moving-from-sys4.md.'),
    ...daemonKeys(),
  },
  tlsrpt_reportd: {
    dbname: none(
      'What was built and delivered is kept in outbox/ in the state directory. tlsrpt import sys4 moves what the old database holds.',
    ),
    keep_days: (value) => setting('keepDays', wholeNumber(value)),
    fetchers: sources,
    organization_name: as('organization'),
    contact_info: (value) => setting('contact', contactAddress(value)),
    sender_address: as('from'),
    compression_level: none('Reports are compressed as gzip does by default.'),
    tlsrpt_record_map: as('recordMap'),
    mail_destination_map: as('mailMap'),
    http_upload_map: as('httpsMap'),
    debug_send_mail_dest: (value) => map('mailMap', `REPLACE ${value.replace(/^(?:mailto:)?/i, 'mailto:')}`),
    debug_send_http_dest: debugUrl,
    debug_send_file_dest: (value) => [
      map('recordMap', `APPEND directory:${value}`),
      setting('directoryFormat', 'json'),
    ],
    debug_db: none('Set log_level to debug.'),
    http_script: curl,
    http_timeout: (value) => setting('httpsTimeout', duration(value)),
    sendmail_script: sendmail,
    sendmail_timeout: (value) => setting('mailTimeout', duration(value)),
    spread_out_delivery: (value) => setting('spread', duration(value)),
    interval_main_loop: none('report and send run from timers.'),
    max_collectd_timeout: (value) => setting('fetchTimeout', duration(value)),
    max_collectd_timediff: none('fetch warns about a host whose clock is off by more than a minute.'),
    'max_retries_domain*': retriesOfFetching(),
    'min_wait_domain*': retriesOfFetching(),
    'max_wait_domain*': retriesOfFetching(),
    'max_retries_*': retriesOfDelivery(),
    'min_wait_*': retriesOfDelivery(),
    'max_wait_*': retriesOfDelivery(),
    ...daemonKeys(),
  },
};

/** What its programs do where the key is not set, and ours would not. By section. */
export const defaults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tlsrpt_reportd: { keep_days: '10', sendmail_script: 'sendmail -i -t', spread_out_delivery: '36000' },
};

/** What its programs do in any case, and ours would not. By section. */
export const fixed: Readonly<Record<string, readonly Translation[]>> = {
  tlsrpt_reportd: [setting('mxHosts', false, ['Its reporter sends none to the operators of MX hosts.'])],
};

function daemonKeys(): Readonly<Record<string, Translate>> {
  return {
    log_level: (value) => setting('logLevel', logLevel(value)),
    logfilename: none('Log lines go to standard error, which systemd keeps in its journal.'),
    pidfilename: none('Service managers need none.'),
  };
}

function as(name: SettingName): Translate {
  return (value) => setting(name, value);
}

function none(text: string): Translate {
  return () => advice(text);
}

/** For all destinations, which is what a single dot stands for. */
function map(name: MapName, action: string, note?: string): Translation {
  return { kind: 'map', name, line: `. ${action}`, ...(note === undefined ? {} : { note }) };
}

/** Nothing is posted to a URL that carries credentials, and nobody else may get what was to go there. */
function debugUrl(value: string): Translation {
  if (/^https:/i.test(value) && !hasCredentials(value)) return map('httpsMap', `REPLACE ${value}`);
  const shown = withoutCredentials(value);
  return map(
    'httpsMap',
    'DISCARD',
    `Only https: without a login is posted to, so ${shown} gets nothing, and nobody else does.`,
  );
}

function retriesOfDelivery(): Translate {
  return none('tlsrpt tries again after 1 minute up to 2 hours, for 24 hours (RFC 8460 5.5); that is not set.');
}

function retriesOfFetching(): Translate {
  return none(
    'fetch asks three times. What is missing then is fetched by its next run, and report waits for it until fetch.wait_for_missing.',
  );
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

const WARNING = 30;

/** Python's names and numbers (logging, levels). */
function logLevel(value: string): string {
  const level = value.toLowerCase();
  if (level === 'warn') return 'warning';
  if (level === 'critical' || level === 'fatal') return 'error';
  if (!/^\d{1,3}$/.test(level)) return level;
  const number = Number(level);
  if (number > WARNING) return 'error';
  return number > 20 ? 'warning' : number > 10 ? 'info' : 'debug';
}
