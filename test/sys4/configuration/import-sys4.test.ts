import { describe, expect, it } from 'vitest';
import { loadSettings } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { importSys4 } from '#sys4/configuration/import-sys4.ts';
import { translations } from '#sys4/configuration/translations.ts';

function tomlOf(...contents: readonly string[]): string {
  const result = importSys4(contents.map((content, index) => ({ path: `file-${String(index + 1)}.cfg`, content })));
  if (result.kind === 'unreadable') throw new Error(result.problems.join('\n'));
  return result.toml;
}

function loaded(toml: string): Settings {
  const result = loadSettings({ file: { path: 'tlsrpt.toml', content: toml }, environment: {}, flags: {} });
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

function settingsFrom(...contents: readonly string[]): Settings {
  return loaded(tomlOf(...contents));
}

function reportd(...lines: readonly string[]): string {
  return `[tlsrpt_reportd]\n${lines.join('\n')}\n`;
}

const COLLECTD = `
# /etc/tlsrpt/collectd.cfg
[tlsrpt_collectd]
storage = sqlite:///var/lib/tlsrpt/collectd.sqlite
socketname = /run/tlsrpt/collectd.socket
socketuser = tlsrpt
socketgroup = postfix
socketmode = 0220
sockettimeout = 5
max_uncommited_datagrams = 1000
daily_rollover_script =
dump_path_for_invalid_datagram = /var/lib/tlsrpt/invalid
`;

const REPORTD = reportd(
  'dbname = /var/lib/tlsrpt/reportd.sqlite',
  'keep_days = 10',
  'fetchers = tlsrpt-fetcher, ssh mx1 tlsrpt-fetcher',
  'organization_name = Example "Ltd" ; Sons # 1',
  'contact_info = mailto:tls@example.com',
  'sender_address = noreply@example.com',
  'compression_level = -1',
  'tlsrpt_record_map = /etc/tlsrpt/record.map',
  'mail_destination_map = /etc/tlsrpt/mail.map',
  'http_upload_map = /etc/tlsrpt/https.map',
  'http_script = curl --silent --header "Content-Type: application/tlsrpt+gzip" --data-binary @-',
  'http_timeout = 60',
  'sendmail_script = sendmail -i -t',
  'sendmail_timeout = 120',
  'spread_out_delivery = 36000',
  'max_retries_delivery = 5',
  'min_wait_delivery = 300',
  'max_wait_domainlist = 1800',
);

describe('importSys4', () => {
  it('makes of three files one configuration that our loader takes', () => {
    expect(settingsFrom(COLLECTD, '[tlsrpt_fetcher]\nstorage = sqlite:///x\n', REPORTD)).toMatchObject({
      socket: '/run/tlsrpt/collectd.socket',
      socketUser: 'tlsrpt',
      socketGroup: 'postfix',
      socketMode: 0o220,
      keepDays: 10,
      sources: ['tlsrpt-fetcher', 'ssh mx1 tlsrpt-fetcher'],
      organization: 'Example "Ltd" ; Sons # 1',
      contact: 'tls@example.com',
      from: 'noreply@example.com',
      recordMap: '/etc/tlsrpt/record.map',
      mailMap: '/etc/tlsrpt/mail.map',
      httpsMap: '/etc/tlsrpt/https.map',
      sendmail: '/usr/sbin/sendmail',
      timeout: 120_000,
      spread: 36_000_000,
    });
  });

  it('can be read by people', () => {
    expect(tomlOf(COLLECTD)).toBe(`# Made from file-1.cfg.

[collect]
socket = "/run/tlsrpt/collectd.socket"
socket_mode = "0220"
socket_user = "tlsrpt"
socket_group = "postfix"

# From file-1.cfg, without an equivalent here:
#
# storage = sqlite:///var/lib/tlsrpt/collectd.sqlite
#   tlsrpt keeps its days in state_dir, by default /var/lib/tlsrpt. What the old database still holds is for the old reporter; see docs/moving-from-sys4.md.
#
# sockettimeout = 5
#   collect writes what it has whether datagrams come or not.
#
# max_uncommited_datagrams = 1000
#   collect writes at least every 100 ms under load, and at once after a pause.
#
# dump_path_for_invalid_datagram = /var/lib/tlsrpt/invalid
#   Datagrams that cannot be read are kept in quarantine/ in the state directory, up to 100 of them.
`);
  });

  it('has every key of the old files in its result', () => {
    for (const [section, rows] of Object.entries(translations)) {
      for (const key of Object.keys(rows).map((name) => name.replace('*', 'x'))) {
        const toml = tomlOf(`[${section}]\n${key} = odd value\n`);
        loaded(toml);
        expect(toml).not.toContain('is not known');
        expect(toml.split('\n').length).toBeGreaterThan(3);
      }
    }
  });

  it.each([
    ['60', 60_000],
    ['90', 90_000],
    ['3600', 3_600_000],
    ['1.5', 2_000],
  ])('turns %s seconds into a duration', (seconds, timeMs) => {
    expect(settingsFrom(reportd(`http_timeout = ${seconds}`)).timeout).toBe(timeMs);
  });

  it.each([
    ['http_timeout = 60\nsendmail_timeout = 30', '1m'],
    ['http_timeout = 30\nsendmail_timeout = 60', '1m'],
  ])('keeps the longer of two times for one setting: %j', (lines, shown) => {
    expect(tomlOf(reportd(lines))).toContain(`timeout = "${shown}"`);
  });

  it.each(['0660', '660', '0o660', 'o660'])('reads the octal mode %s', (mode) => {
    expect(settingsFrom(`[tlsrpt_collectd]\nsocketmode = ${mode}\n`).socketMode).toBe(0o660);
  });

  it.each([
    ['keep_days = 0', 'As keep_days it must be at least 2.'],
    [
      'contact_info = https://example.com/',
      'As report.contact it must be a mail address such as postmaster@example.com.',
    ],
    ['http_timeout = 0', 'As send.timeout it must be between 1s and 1h.'],
    ['http_timeout = soon', 'As send.timeout it must be a time such as 90s, 10m or 4h.'],
    ['sendmail_script = msmtp -t', 'Name the mail server in send.smtp, or a sendmail command in send.sendmail.'],
    ['unheard_of = 1', 'This key is not known; see docs/configuration.md for what can be set.'],
  ])('explains why %s is left out', (line, advice) => {
    const toml = tomlOf(reportd(line));
    expect(toml).toContain(`# ${line}\n#   ${advice}\n`);
    loaded(toml);
  });

  it('takes a sendmail command with its path, and says which arguments it leaves out', () => {
    const toml = tomlOf(reportd('sendmail_script = /opt/sendmail -i -t'));
    expect(toml).toContain('# Called with -i -f FROM -- RECIPIENT, not with -i -t.\nsendmail = "/opt/sendmail"\n');
  });

  it('reads fetchers in lines of their own', () => {
    const { sources } = settingsFrom(reportd('fetchers =', '  ssh mx1 tlsrpt-fetcher,', '  ssh mx2 tlsrpt-fetcher'));
    expect(sources).toEqual(['ssh mx1 tlsrpt-fetcher', 'ssh mx2 tlsrpt-fetcher']);
  });

  it('points at what Python would have replaced', () => {
    const toml = tomlOf(reportd('organization_name = 100%% Mail'));
    expect(toml).toContain('# A % of Python was taken as it stands; check it.\norganization = "100%% Mail"');
  });

  it('lets nothing of a value become a line of its own', () => {
    const toml = tomlOf(
      reportd('http_script = curl', '  [collect]', '  socket = "/evil"', 'organization_name = a', ' b'),
    );
    expect(toml).toContain('# http_script = curl [collect] socket = "/evil"\n');
    expect(loaded(toml).socket).not.toBe('/evil');
  });

  it('names what it cannot read, in every file', () => {
    const files = ['[tlsrpt_reportd]\nstray\n', '[other]\nkey = 1\n'].map((content, index) => ({
      path: `${String(index)}.cfg`,
      content,
    }));
    expect(importSys4(files)).toEqual({
      kind: 'unreadable',
      problems: [
        '0.cfg:2: it is neither [section] nor name = value',
        '1.cfg: it has none of the sections [tlsrpt_collectd], [tlsrpt_fetcher], [tlsrpt_reportd]',
      ],
    });
  });
});
