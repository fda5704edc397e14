/**
 * What can be wrong with the way of the reports, and with what the configuration names.
 */
import { asConfigured, both, setting } from './broken-setup.ts';
import type { BrokenSetup } from './broken-setup.ts';

const NAMED = /change what is named there/;
const MAP = '/etc/tlsrpt/map';
const PASSWORD = '/etc/tlsrpt/password';
const KEY = '/etc/tlsrpt/dkim.pem';
const COPY_KEY = `cp /etc/credstore/tlsrpt.dkim-test ${KEY}`;

export const mailSetups: readonly BrokenSetup[] = [
  {
    name: 'the mail server is not there',
    breakIt: setting('send', 'smtp = "smtp://127.0.0.1:2525"'),
    expects: {
      finding: 'broken mail',
      what: /takes no mail of ours: .*ECONNREFUSED/,
      fix: /start the mail server there, or set send\.smtp/,
    },
    mend: asConfigured,
  },
  {
    name: 'Postfix is stopped',
    breakIt: 'systemctl stop postfix',
    expects: {
      finding: 'broken mail',
      what: /localhost:25 takes no mail of ours/,
      fix: /^start the mail server there/,
    },
    mend: 'systemctl start postfix',
  },
  {
    name: 'the mail server has no TLS, which is required',
    breakIt: both(setting('send', 'smtp = "smtp://mx.bare.example"'), setting('send', 'smtp_tls = "required"')),
    expects: {
      finding: 'broken mail',
      what: /mx\.bare\.example takes no mail of ours/,
      fix: /TLS settings of the mail server.*send\.smtp_tls/,
    },
    mend: asConfigured,
  },
  {
    name: 'no trusted authority vouches for the mail server',
    breakIt: both(setting('send', 'smtp = "smtp://mx.untrusted.example"'), setting('send', 'smtp_tls = "required"')),
    expects: {
      finding: 'broken mail',
      what: /mx\.untrusted\.example takes no mail of ours/,
      fix: /mend the certificate/,
    },
    mend: asConfigured,
  },
  {
    name: 'the mail server refuses our sender',
    breakIt: 'postconf -e "smtpd_sender_restrictions=check_sender_access static:REJECT" && postfix reload',
    expects: {
      finding: 'broken mail',
      what: /takes no mail from tls-reports@mail\.example: 554 5\.7\.1/,
      fix: /report\.from/,
    },
    mend: 'postconf -X smtpd_sender_restrictions && postfix reload',
  },
  {
    name: 'the mail server does not relay for us',
    breakIt: 'postconf -e mynetworks=192.0.2.0/24 && postfix reload',
    expects: {
      finding: 'broken mail',
      what: /takes no mail to other domains: 454 4\.7\.1/,
      fix: /mynetworks of Postfix/,
    },
    mend: 'postconf -e mynetworks=127.0.0.0/8 && postfix reload',
  },
  {
    name: 'the mail server knows no authentication',
    breakIt: both(
      `printf secret >${PASSWORD} && chown tlsrpt ${PASSWORD} && chmod 0600 ${PASSWORD}`,
      setting('send', 'smtp_user = "tlsrpt"'),
      setting('send', `smtp_password_file = "${PASSWORD}"`),
    ),
    expects: { finding: 'warning mail', what: /offers no authentication/, fix: /587/ },
    mend: asConfigured,
  },
  {
    name: 'everybody can read the password',
    breakIt: both(
      `printf secret >${PASSWORD} && chmod 0644 ${PASSWORD}`,
      setting('send', 'smtp_user = "tlsrpt"'),
      setting('send', `smtp_password_file = "${PASSWORD}"`),
    ),
    expects: {
      finding: 'broken configuration',
      what: /smtp_password_file: \/etc\/tlsrpt\/password has the mode 0644.*chmod o=/,
      fix: NAMED,
    },
    mend: asConfigured,
  },
  {
    name: 'the sendmail command is missing',
    breakIt: setting('send', 'sendmail = "/usr/lib/sendmail.qmail"'),
    expects: { finding: 'broken mail', what: /no command \/usr\/lib\/sendmail\.qmail/, fix: /send\.sendmail/ },
    mend: asConfigured,
  },
  {
    name: 'the services keep the sendmail command from its rights',
    breakIt: setting('send', 'sendmail = "/usr/sbin/sendmail"'),
    expects: {
      finding: 'broken mail',
      what: /\/usr\/sbin\/sendmail is kept from the rights .* by tlsrpt-report\.service .* and tlsrpt-send\.service /,
      fix: /send\.sendmail/,
    },
    mend: asConfigured,
  },
  {
    name: 'the configuration has a mistake',
    breakIt: setting('send', 'smtpp = "smtp://localhost"'),
    expects: { finding: 'broken configuration', what: /tlsrpt\.toml: .*smtpp.*smtp/, fix: NAMED },
    mend: asConfigured,
  },
  {
    name: 'the configuration is no TOML',
    breakIt: setting('send', 'smtp ='),
    expects: { finding: 'broken configuration', what: /tlsrpt\.toml/, fix: NAMED },
    mend: asConfigured,
  },
  {
    name: 'there is no contact',
    breakIt: both("sed -i '/^contact = /d' /etc/tlsrpt/tlsrpt.toml", 'hostname mail'),
    expects: { finding: 'broken configuration', what: /report\.contact/, fix: NAMED },
    mend: both('hostname mail.example', asConfigured),
  },
  {
    name: 'a map has a mistake',
    breakIt: both(`printf '# ours\\na.example NOTHING\\n' >${MAP}`, setting('report', `record_map = "${MAP}"`)),
    expects: { finding: 'broken configuration', what: /\/etc\/tlsrpt\/map:2/, fix: NAMED },
    mend: asConfigured,
  },
  {
    name: 'a map is missing',
    breakIt: setting('report', 'mail_map = "/etc/tlsrpt/none"'),
    expects: { finding: 'broken configuration', what: /\/etc\/tlsrpt\/none: it cannot be read \(ENOENT\)/, fix: NAMED },
    mend: asConfigured,
  },
  {
    name: 'the file of authorities has no certificate',
    breakIt: setting('send', 'https_ca = "/etc/hostname"'),
    expects: {
      finding: 'broken configuration',
      what: /send\.https_ca: \/etc\/hostname has no certificate/,
      fix: NAMED,
    },
    mend: asConfigured,
  },
  {
    name: 'others can read the DKIM key',
    breakIt: both(`${COPY_KEY} && chmod 0644 ${KEY}`, setting('send', `dkim_keys = ["test=${KEY}"]`)),
    expects: { finding: 'broken configuration', what: /dkim\.pem has the mode 0644.*chmod o=/, fix: NAMED },
    mend: asConfigured,
  },
  {
    name: 'the services cannot read the DKIM key',
    breakIt: both(`${COPY_KEY} && chmod 0600 ${KEY}`, setting('send', `dkim_keys = ["test=${KEY}"]`)),
    expects: {
      finding: 'broken configuration',
      what: /dkim\.pem cannot be read \(EACCES\)\. Let user tlsrpt read it/,
      fix: NAMED,
    },
    mend: both(`rm -f ${KEY} ${PASSWORD} ${MAP}`, asConfigured),
  },
  {
    name: 'the DKIM key is missing',
    breakIt: 'mv /etc/credstore/tlsrpt.dkim-test /root/kept-key',
    expects: { finding: 'broken configuration', what: /dkim/, fix: NAMED },
    mend: 'mv /root/kept-key /etc/credstore/tlsrpt.dkim-test',
  },
  {
    name: 'a source of fetch is not there',
    breakIt: both(setting('fetch', 'sources = ["/srv/mx2"]'), 'systemctl enable --now tlsrpt-fetch.timer'),
    expects: { finding: 'broken sources', what: /\/srv\/mx2/, fix: /path/ },
    mend: asConfigured,
  },
  {
    name: 'there is no key for a host of fetch',
    breakIt: setting('fetch', 'sources = ["sftp://mx2.mail.example/var/lib/tlsrpt"]'),
    expects: {
      finding: 'broken sources',
      what: /sftp:\/\/mx2\.mail\.example.*no key to log in with/,
      fix: /ssh-keygen/,
    },
    mend: asConfigured,
  },
  {
    name: 'a command of fetch fails',
    breakIt: setting('fetch', 'sources = ["/usr/bin/false mx2"]'),
    expects: { finding: 'broken sources', what: /false mx2/, fix: /./ },
    mend: both('systemctl disable --now tlsrpt-fetch.timer', asConfigured),
  },
];
