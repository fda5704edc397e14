import { describe, expect, it } from 'vitest';
import { importSys4 } from '#sys4/configuration/import-sys4.ts';
import { translations } from '#sys4/configuration/translations.ts';
import {
  COLLECTD,
  filesOf,
  importOf,
  loaded,
  reportd,
  settingsFrom,
  tomlOf,
} from '#test/support/sys4-configuration.ts';

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
    expect(
      settingsFrom(COLLECTD, '[tlsrpt_fetcher]\nstorage = sqlite:///var/lib/tlsrpt/collectd.sqlite\n', REPORTD),
    ).toMatchObject({
      socket: '/run/tlsrpt/collectd.socket',
      socketUser: 'tlsrpt',
      socketGroup: 'postfix',
      socketMode: 0o220,
      keepDays: 10,
      sources: ['ssh mx1 tlsrpt-fetcher'],
      organization: 'Example "Ltd" ; Sons # 1',
      contact: 'tls@example.com',
      from: { address: 'noreply@example.com', name: undefined },
      recordMap: '/etc/tlsrpt/record.map',
      mailMap: '/etc/tlsrpt/mail.map',
      httpsMap: '/etc/tlsrpt/https.map',
      sendmail: ['/usr/sbin/sendmail'],
      httpsTimeout: 60_000,
      mailTimeout: 120_000,
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
#   tlsrpt keeps its days in state_dir, by default /var/lib/tlsrpt. tlsrpt import sys4 moves what the old database holds.
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
    expect(settingsFrom(reportd(`http_timeout = ${seconds}`)).httpsTimeout).toBe(timeMs);
  });

  it.each([
    ['max_collectd_timeout = 20', { fetchTimeout: 20_000 }],
    ['sendmail_timeout = 90', { mailTimeout: 90_000 }],
    ['spread_out_delivery = 7200', { spread: 7_200_000 }],
    ['contact_info = mailto:a@x.example', { contact: 'a@x.example' }],
    ['contact_info = Mail Team <tls@sender.example>', { contact: 'tls@sender.example' }],
    ['keep_days = 4', { keepDays: 4 }],
  ])('has an equivalent of %s', (line, expected) => {
    expect(settingsFrom(reportd(line))).toMatchObject(expected);
  });

  it.each([
    ['collectd', 'retry_commit_datagram_count', 'kept in memory and tried again'],
    ['collectd', 'daily_rollover_script', 'from a timer'],
    ['collectd', 'logfilename', 'standard error'],
    ['collectd', 'pidfilename', 'Service managers need none'],
    ['fetcher', 'storage', 'reads the state directories of other hosts'],
    ['reportd', 'dbname', 'tlsrpt import sys4 moves what the old database holds'],
    ['reportd', 'compression_level', 'as gzip does by default'],
    ['reportd', 'debug_db', 'log_level to debug'],
    ['reportd', 'interval_main_loop', 'run from timers'],
    ['reportd', 'max_collectd_timediff', 'off by more than a minute'],
    ['reportd', 'max_retries_delivery', 'RFC 8460 5.5'],
    ['reportd', 'min_wait_delivery', 'RFC 8460 5.5'],
    ['reportd', 'max_wait_delivery', 'RFC 8460 5.5'],
    ['reportd', 'max_retries_domainlist', 'fetch asks three times'],
    ['reportd', 'min_wait_domaindetails', 'fetch asks three times'],
    ['reportd', 'max_wait_domaindetails', 'fetch asks three times'],
  ])('says of [tlsrpt_%s] %s what is there instead', (program, key, advice) => {
    const toml = tomlOf(`[tlsrpt_${program}]\n${key} = 5\n`);
    const [, comment] = toml.split(`# ${key} = 5\n`);
    expect(comment?.split('\n')[0]).toContain(advice);
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
    ['http_timeout = 0', 'As send.https_timeout it must be between 1s and 1h.'],
    ['http_timeout = soon', 'As send.https_timeout it must be a time such as 90s, 10m or 4h.'],
    [
      'sendmail_script = mailer --now',
      'tlsrpt mails to the addresses of the records, wherever this command does. Name the mail server in send.smtp or a sendmail command in send.sendmail, and another address in report.mail_map.',
    ],
    ['unheard_of = 1', 'This key is not known; see docs/configuration.md for what can be set.'],
  ])('explains why %s is left out', (line, advice) => {
    const toml = tomlOf(reportd(line));
    expect(toml).toContain(`# ${line}\n#   ${advice}\n`);
    loaded(toml);
  });

  it.each([
    ['sendmail -i -t', ['/usr/sbin/sendmail']],
    ['/opt/sendmail -it -oQ /queue', ['/opt/sendmail', '-oQ', '/queue']],
    ["msmtp -t -a 'second account'", ['msmtp', '-a', 'second account']],
    ['msmtp -t --read-envelope-from --file /etc/msmtprc', ['msmtp', '--file', '/etc/msmtprc']],
    ['msmtp --read-recipients --from=bounces@example.com -v', ['msmtp', '-v']],
    ['sendmail -t -f bounces@example.com -oQ/queue', ['/usr/sbin/sendmail', '-oQ/queue']],
    ['sendmail -t -rbounces@example.com', ['/usr/sbin/sendmail']],
  ])('takes %s with what ours does not give itself', (script, words) => {
    expect(settingsFrom(reportd(`sendmail_script = ${script}`)).sendmail).toEqual(words);
  });

  it.each([
    ['curl -x http://proxy.example:3128 --data-binary @-', { httpsProxy: 'http://proxy.example:3128' }],
    ['curl --proxy=proxy.example:3128', { httpsProxy: 'http://proxy.example:3128' }],
    ['curl --cacert /etc/ssl/own.pem -k', { httpsCa: '/etc/ssl/own.pem', httpsAnyCertificate: true }],
  ])('keeps of %s where it posts and whom it trusts', (script, expected) => {
    expect(settingsFrom(reportd(`http_script = ${script}`))).toMatchObject(expected);
  });

  it.each([
    'sendmail_script = /usr/local/bin/test-inbox',
    'sendmail_script = sendmail -i root',
    'sendmail_script = sendmail test@example.com',
    'sendmail_script = sendmail -i -t -f a@example.com -v test@example.com',
    'sendmail_script = sendmail -t | tee /tmp/mails',
    'sendmail_script = sendmail -t -F ${SENDER',
    'sendmail_script = ~/bin/sendmail -t',
    'http_script = /usr/local/bin/keep',
    'http_script = curl --data-binary @- https://sink.example/',
    'http_script = curl -s --resolve *:443:192.0.2.1 --data-binary @-',
    'http_script = curl --config /etc/curl.conf',
  ])('leaves to the operator where reports go instead of by %s', (line) => {
    const { undecided } = importOf([reportd(line)]);
    expect(undecided.map(({ key, value }) => `${key} = ${value}`)).toEqual([line]);
  });

  it.each([
    'sendmail_script = sendmail -i -t -f bounces@example.com -oi',
    'sendmail_script = msmtp -t -v --host=localhost',
    'http_script = curl -sS --fail -H "Content-Type: application/tlsrpt+gzip" --max-time 30 -X POST --data-binary @-',
  ])('decides by itself what becomes of %s', (line) => {
    expect(importOf([reportd(line)]).undecided).toEqual([]);
  });

  it('says which sender mails have by now, where the old command named one', () => {
    expect(tomlOf(reportd('sendmail_script = sendmail -t -f bounces@example.com'))).toContain(
      "# The sender of its mails is report.from, and not what was named in sendmail's arguments.\nsendmail = ",
    );
  });

  it('replaces what Python replaces', () => {
    const { organization, from } = settingsFrom(
      reportd('organization_name = 100%% Mail', 'contact_info = tls@example.com', 'sender_address = %(contact_info)s'),
    );
    expect([organization, from?.address]).toEqual(['100% Mail', 'tls@example.com']);
  });

  it('keeps the name in the sender address', () => {
    expect(settingsFrom(reportd('sender_address = Example TLS <noreply@example.com>')).from).toEqual({
      address: 'noreply@example.com',
      name: 'Example TLS',
    });
  });

  it("writes out what sys4's reporter does where nothing is set", () => {
    const toml = tomlOf(reportd('organization_name = Example'));
    expect(loaded(toml)).toMatchObject({ keepDays: 10, sendmail: ['/usr/sbin/sendmail'], spread: 36_000_000 });
    expect(toml).toContain(`# Not set there: the default of sys4's programs.\nspread = "10h"\n`);
  });

  it('has no defaults of a program that is not configured', () => {
    expect(tomlOf(COLLECTD)).not.toContain('Not set there');
  });

  it.each([
    ['warn', 'warning'],
    ['CRITICAL', 'error'],
    ['20', 'info'],
    ['35', 'error'],
  ])('knows the log level %s', (level, expected) => {
    expect(settingsFrom(reportd(`log_level = ${level}`)).logLevel).toBe(expected);
  });

  it('keeps the log level that says most, since there is one for all', () => {
    const [quiet, loud] = ['[tlsrpt_collectd]\nlog_level = error\n', reportd('log_level = debug')];
    expect([settingsFrom(quiet, loud).logLevel, settingsFrom(loud, quiet).logLevel]).toEqual(['debug', 'debug']);
  });

  it.each([
    ['debug_send_mail_dest = test@example.com', 'mailMap', '. REPLACE mailto:test@example.com\n'],
    ['debug_send_mail_dest = mailto:test@example.com', 'mailMap', '. REPLACE mailto:test@example.com\n'],
    ['debug_send_http_dest = https://test.example/v1', 'httpsMap', '. REPLACE https://test.example/v1\n'],
    ['debug_send_http_dest = http://test.example/v1', 'httpsMap', '. DISCARD\n'],
    ['debug_send_file_dest = /var/tmp/reports', 'recordMap', '. APPEND directory:/var/tmp/reports\n'],
  ] as const)('diverts by a map as %s does', (line, name, content) => {
    const { toml, maps } = importOf([reportd('mail_destination_map = /etc/real.map', line)]);
    const [map] = maps;
    expect(map?.content).toBe(content);
    expect(loaded(toml)[name]).toBe(map?.path);
    expect(loaded(toml).directoryFormat).toBe(name === 'recordMap' ? 'json' : 'json.gz');
    expect(toml).toContain(`Its file has the line: ${content}`);
  });

  it('lets no other map undo a diversion', () => {
    const toml = tomlOf(reportd('mail_destination_map = /etc/real.map', 'debug_send_mail_dest = test@example.com'));
    expect(loaded(toml).mailMap).toBe('debug_send_mail_dest.map');
    expect(toml).toContain('# mail_destination_map = /etc/real.map\n#   report.mail_map is set already.\n');
  });

  it('sends no reports to operators of MX hosts, as sys4 sends none', () => {
    const toml = tomlOf(reportd('organization_name = Example'));
    expect(loaded(toml).mxHosts).toBe(false);
    expect(toml).toContain('# Its reporter sends none to the operators of MX hosts.\nmx_hosts = false\n');
    expect(loaded(tomlOf(COLLECTD)).mxHosts).toBe(true);
  });

  it('puts variables of the environment above the files', () => {
    const { toml } = importOf([reportd('organization_name = File', 'keep_days = 5')], {
      TLSRPT_REPORTD_ORGANIZATION_NAME: 'Variable',
      TLSRPT_COLLECTD_SOCKETNAME: '/run/x.sock',
      TLSRPT_REPORTD_UNHEARD_OF: '1',
      TLSRPT_STATE_DIR: '/ours',
    });
    expect(loaded(toml)).toMatchObject({ organization: 'Variable', keepDays: 5, socket: '/run/x.sock' });
    expect(toml).toContain('# From the environment, without an equivalent here:\n#\n# TLSRPT_REPORTD_UNHEARD_OF = 1\n');
  });

  it('reads a file of variables', () => {
    const { organization, from } = settingsFrom(
      'PATH=/bin\n# of the container\nTLSRPT_REPORTD_ORGANIZATION_NAME="Example Ltd"\nexport TLSRPT_REPORTD_SENDER_ADDRESS=a@example.com\n',
    );
    expect([organization, from?.address]).toEqual(['Example Ltd', 'a@example.com']);
  });

  it('has nothing to import without files and variables', () => {
    expect(importSys4([], { PATH: '/bin' })).toEqual({ kind: 'nothing' });
  });

  it('lets nothing of a value become a line of its own', () => {
    const toml = tomlOf(
      reportd('http_script = curl', '  [collect]', '  socket = "/evil"', 'organization_name = a', ' b'),
    );
    expect(toml).toContain('# http_script = curl [collect] socket = "/evil"\n');
    expect(loaded(toml).socket).not.toBe('/evil');
  });

  it('names what it cannot read, in every file', () => {
    const files = filesOf([
      '[tlsrpt_reportd]\nstray\n',
      '[other]\nkey = 1\n',
      reportd('keep_days = 1', 'keep_days = 2'),
    ]);
    const latin1 = { path: 'latin1.cfg', content: Buffer.from(reportd('organization_name = B\u00fccher'), 'latin1') };
    expect(importSys4([...files, latin1], {})).toEqual({
      kind: 'unreadable',
      problems: [
        'file-1.cfg:2: it is neither [section] nor name = value',
        'file-2.cfg: it has none of the sections [tlsrpt_collectd], [tlsrpt_fetcher], [tlsrpt_reportd]',
        'file-3.cfg:3: keep_days is there already, in line 2',
        'latin1.cfg: it is not UTF-8',
      ],
    });
  });
});
