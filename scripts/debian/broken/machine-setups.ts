/**
 * What can be wrong with the machine, with what tlsrpt keeps there, and with what goes on by itself.
 */
import { DatagramSender } from '#test/support/datagram-sender.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { eventually } from '../machine.ts';
import { asConfigured, both, setting } from './broken-setup.ts';
import type { Act, BrokenSetup } from './broken-setup.ts';

const STATE = '/var/lib/tlsrpt';
const SOCKET = '/var/spool/postfix/run/tlsrpt/tlsrpt.sock';
const RESTART = 'systemctl restart tlsrpt.socket tlsrpt.service';
/** Where nothing can be run that is unpacked there. */
const NOEXEC = [
  "unshare -m sh -c 'mount -t tmpfs -o noexec none /tmp && mount -t tmpfs -o noexec none /dev/shm && mount -t tmpfs -o noexec none /var/tmp",
  `exec "$@"' sh`,
].join(' && ');
/** As a disk of its own, on which all but `leftKiB` is taken. */
const smallDisk = (options: string): string =>
  `systemctl stop tlsrpt.socket && mount -t tmpfs -o mode=0700,uid=tlsrpt,gid=tlsrpt,${options} none ${STATE} && ${RESTART}`;
const wholeDisk = `systemctl stop tlsrpt.socket && umount ${STATE} && ${RESTART}`;
/** A day of long ago, on which something was collected. */
const LONG_AGO = `date -u -d '3 days ago' +%F`;

const oldDatagram: Act = ({ machine }) => {
  const sender = new DatagramSender(machine.path(SOCKET));
  const text = makeDatagram({ domain: 'old.example' }).toString().replace('"dpv":"1"', '"dpv":"0"');
  sender.send(Buffer.from(text));
  sender.close();
  return eventually('the collector has read it', async () =>
    (await machine.run('cat', `${STATE}/collector.lock`)).includes('other-version'),
  );
};

export const machineSetups: readonly BrokenSetup[] = [
  {
    name: 'sockets queue 10 datagrams',
    breakIt: 'sysctl -qw net.unix.max_dgram_qlen=10',
    expects: { finding: 'warning queue-length', what: /queues 10 datagrams/, fix: /max_dgram_qlen = 512/ },
    mend: 'sysctl -qw net.unix.max_dgram_qlen=4096',
  },
  {
    name: 'libtlsrpt sends another version of the protocol',
    breakIt: oldDatagram,
    expects: {
      finding: 'warning datagram-version',
      what: /another version of the protocol than 1 \(dpv\)/,
      fix: /install a libtlsrpt/,
    },
    mend: 'systemctl restart tlsrpt.service',
  },
  {
    name: 'the native part cannot be loaded',
    breakIt: 'true',
    doctorWith: NOEXEC,
    expects: { finding: 'broken runtime', what: /cannot be loaded/, fix: /TMPDIR/ },
    mend: 'true',
  },
  {
    name: 'Postfix could not report lately',
    breakIt:
      'logger -p mail.warning -t postfix/smtp "warning: Could not report TLS handshake result to tlsrpt library: Connection refused (errno 111)"',
    expects: { finding: 'warning postfix-log', what: /could not report 1 times/, fix: /mend what else is found/ },
    mend: 'journalctl --quiet --rotate --vacuum-time=1s',
  },
  {
    name: 'a file in the state directory belongs to root',
    breakIt: `touch ${STATE}/outbox.txt`,
    expects: {
      finding: 'broken state-directory',
      what: /1 of what is in \/var\/lib\/tlsrpt does not belong to tlsrpt, such as .*outbox\.txt/,
      fix: `chown -R tlsrpt: ${STATE}`,
    },
  },
  {
    name: 'the state directory belongs to root',
    breakIt: `chown -R root: ${STATE}`,
    expects: {
      finding: 'broken state-directory',
      what: /belongs to root, and tlsrpt\.service runs as tlsrpt/,
      fix: `chown -R tlsrpt: ${STATE}`,
    },
  },
  {
    name: 'everybody can look into the state directory',
    breakIt: `chmod 0755 ${STATE}`,
    expects: { finding: 'warning state-directory', what: /Every user of this machine/, fix: `chmod o= ${STATE}` },
    mend: both(`chmod 0700 ${STATE}`),
  },
  {
    name: 'a directory above the state directory is closed',
    breakIt: 'chmod 0700 /var/lib',
    expects: { finding: 'broken activity', what: /\/var\/lib\/tlsrpt.*EACCES/, fix: /./ },
    mend: 'chmod 0755 /var/lib',
  },
  {
    name: 'the state directory is missing',
    breakIt: `systemctl stop tlsrpt.service && mv ${STATE} ${STATE}.kept`,
    expects: {
      finding: 'broken activity',
      what: /There is no state directory/,
      fix: /systemctl restart tlsrpt\.service/,
    },
    mend: `mv ${STATE}.kept ${STATE} && systemctl start tlsrpt.service`,
  },
  {
    name: 'the state directory is elsewhere',
    breakIt: 'sed -i \'1i state_dir = "/srv/tlsrpt"\' /etc/tlsrpt/tlsrpt.toml',
    expects: { finding: 'broken activity', what: /There is no state directory \/srv\/tlsrpt/, fix: /state_dir/ },
    mend: asConfigured,
  },
  {
    name: 'the disk is full',
    breakIt: both(smallDisk('size=80m'), `runuser -u tlsrpt -- fallocate -l 70M ${STATE}/large`),
    expects: { finding: 'broken disk', what: /^Only \d+ MiB are free/, fix: /make room/ },
    mend: wholeDisk,
  },
  {
    name: 'the disk takes no more files',
    breakIt: smallDisk('size=200m,nr_inodes=500'),
    expects: { finding: 'broken disk', what: /takes \d+ files more/, fix: /df -i/ },
    mend: wholeDisk,
  },
  {
    name: 'a timer is stopped',
    breakIt: 'systemctl start tlsrpt-send.service && systemctl stop tlsrpt-send.timer',
    expects: {
      finding: 'broken timers',
      what: /tlsrpt-send\.timer is not active/,
      fix: 'systemctl enable --now tlsrpt-send.timer',
    },
  },
  {
    name: 'a timer is not started at boot',
    breakIt: 'systemctl disable tlsrpt-report.timer',
    expects: {
      finding: 'warning timers',
      what: /will not be started at the next boot/,
      fix: 'systemctl enable tlsrpt-report.timer',
    },
  },
  {
    name: 'the collector is not started at boot',
    breakIt: 'systemctl disable tlsrpt.socket tlsrpt.service',
    expects: {
      finding: 'warning collector',
      what: /tlsrpt\.socket and tlsrpt\.service will not be started at the next boot/,
      fix: 'systemctl enable tlsrpt.socket tlsrpt.service',
    },
  },
  {
    name: 'the last run of report failed before it began',
    breakIt: both(setting('send', 'smtpp = "x"'), '! systemctl start tlsrpt-report.service', asConfigured),
    expects: {
      finding: 'warning last-report',
      what: /tlsrpt-report\.service failed at .* \(exit-code 78\)/,
      fix: /journalctl -u tlsrpt-report\.service/,
    },
    mend: 'systemctl start tlsrpt-report.service',
  },
  {
    name: 'the last run of send failed',
    breakIt: both(setting('send', 'https_ca = "/etc/hostname"'), '! systemctl start tlsrpt-send.service', asConfigured),
    expects: {
      finding: 'warning last-send',
      what: /The last send ended with 78 \(configuration-error\)/,
      fix: /run tlsrpt send by hand/,
    },
    mend: 'systemctl start tlsrpt-send.service',
  },
  {
    name: 'a day was never reported',
    breakIt: `day=$(${LONG_AGO}); runuser -u tlsrpt -- touch -d "$day" ${STATE}/sessions/$day.sqlite`,
    expects: {
      finding: 'warning reports',
      what: /No report was built about \d{4}-\d\d-\d\d/,
      fix: 'tlsrpt report --day unreported --deliver',
    },
    mend: `rm ${STATE}/sessions/$(${LONG_AGO}).sqlite`,
  },
  {
    name: 'the clock was set back',
    breakIt: `sed -i.kept 's/"ended": "20/"ended": "21/' ${STATE}/runs.json && chown tlsrpt: ${STATE}/runs.json*`,
    expects: { finding: 'warning clock', what: /something ran here at 21/, fix: /set the clock/ },
    mend: `mv ${STATE}/runs.json.kept ${STATE}/runs.json`,
  },
];
