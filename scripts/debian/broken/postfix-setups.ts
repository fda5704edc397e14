/**
 * What can be wrong with Postfix and on its way to the socket.
 */
import type { BrokenSetup } from './broken-setup.ts';

const DIRECTORY = '/var/spool/postfix/run/tlsrpt';
const SOCKET = `${DIRECTORY}/tlsrpt.sock`;
const SET_UP = 'tlsrpt setup postfix --apply';
const RESOLVER = '/etc/mta-sts-daemon.yml';
const START_SOCKET = 'systemctl restart tlsrpt.socket tlsrpt.service';

export const postfixSetups: readonly BrokenSetup[] = [
  {
    name: 'Postfix does not report (smtp_tlsrpt_enable)',
    breakIt: 'postconf -e smtp_tlsrpt_enable=no',
    expects: { finding: 'broken postfix', what: /smtp_tlsrpt_enable=yes/, fix: SET_UP },
  },
  {
    name: 'Postfix knows the socket by another name',
    breakIt: 'postconf -e smtp_tlsrpt_socket_name=/run/tlsrpt.sock',
    expects: { finding: 'broken postfix', what: /smtp_tlsrpt_socket_name=run\/tlsrpt\/tlsrpt\.sock/, fix: SET_UP },
  },
  {
    name: 'the socket is outside the chroot',
    breakIt: `mkdir -p /etc/systemd/system/tlsrpt.socket.d && printf '[Socket]\\nListenDatagram=\\nListenDatagram=/run/tlsrpt/tlsrpt.sock\\n' >/etc/systemd/system/tlsrpt.socket.d/moved.conf && systemctl daemon-reload && ${START_SOCKET}`,
    expects: { finding: 'broken postfix', what: /tlsrpt\.socket\.d/, fix: SET_UP },
    mend: `rm -r /etc/systemd/system/tlsrpt.socket.d && systemctl daemon-reload && ${START_SOCKET}`,
  },
  {
    name: 'the plug-in for MTA-STS is asked without TLSRPT',
    breakIt: 'postconf -e smtp_tls_policy_maps=socketmap:inet:127.0.0.1:8461:QUERY',
    expects: { finding: 'broken postfix', what: /QUERYwithTLSRPT/, fix: SET_UP },
  },
  {
    name: 'postfix-mta-sts-resolver does not tell of policies',
    breakIt: `printf 'default_zone:\\n  strict_testing: false\\n' >${RESOLVER} && postconf -e smtp_tls_policy_maps=socketmap:inet:127.0.0.1:8461:postfix`,
    expects: {
      finding: 'warning postfix',
      what: /"tlsrpt: true" \(\/etc\/mta-sts-daemon\.yml/,
      fix: /Setting up Postfix/,
    },
    mend: `echo '  tlsrpt: true' >>${RESOLVER}`,
  },
  {
    name: 'Postfix uses no TLS',
    breakIt: 'postconf -e smtp_tls_security_level=none smtp_tls_policy_maps=',
    expects: { finding: 'warning postfix', what: /smtp_tls_security_level/, fix: /Setting up Postfix/ },
    mend: 'postconf -e smtp_tls_security_level=dane smtp_tls_policy_maps=socketmap:inet:127.0.0.1:8461:QUERYwithTLSRPT',
  },
  {
    name: 'Postfix looks nothing up in DNS',
    breakIt: 'postconf -e smtp_dns_support_level=disabled',
    expects: { finding: 'warning postfix', what: /smtp_dns_support_level/, fix: /Setting up Postfix/ },
    mend: 'postconf -e smtp_dns_support_level=dnssec',
  },
  {
    name: 'master.cf turns reporting off for smtp(8)',
    breakIt: 'postconf -P smtp/unix/smtp_tlsrpt_enable=no',
    expects: {
      finding: 'warning postfix',
      what: /master\.cf sets smtp_tlsrpt_enable = no for smtp\/unix/,
      fix: /Setting up Postfix/,
    },
    mend: 'postconf -PX smtp/unix/smtp_tlsrpt_enable',
  },
  {
    name: 'the directory of the socket is missing',
    breakIt: `rm -r ${DIRECTORY}`,
    expects: { finding: 'broken postfix', what: /run\/tlsrpt/, fix: SET_UP },
  },
  {
    name: 'the directory of the socket is closed to Postfix',
    breakIt: `chmod 0700 ${DIRECTORY}`,
    expects: { finding: 'broken postfix', what: /run\/tlsrpt/, fix: SET_UP },
  },
  {
    name: 'a directory on the way belongs to somebody else',
    breakIt: 'chown nobody:nogroup /var/spool/postfix/run && chmod 0750 /var/spool/postfix/run',
    expects: {
      finding: 'broken socket',
      what: /pass through \/var\/spool\/postfix\/run \(0750\)/,
      fix: 'chgrp postfix /var/spool/postfix/run && chmod g+x /var/spool/postfix/run',
    },
  },
  {
    name: 'the socket belongs to another group',
    breakIt: `chgrp root ${SOCKET}`,
    expects: { finding: 'broken socket', what: /may not write to .*tlsrpt\.sock \(0660\)/, fix: START_SOCKET },
  },
  {
    name: 'the socket has another mode',
    breakIt: `chmod 0600 ${SOCKET}`,
    expects: { finding: 'broken socket', what: /may not write to .*tlsrpt\.sock \(0600\)/, fix: START_SOCKET },
  },
  {
    name: 'the socket is gone',
    breakIt: `rm ${SOCKET}`,
    expects: {
      finding: 'broken socket',
      what: /There is no socket/,
      fix: /^systemctl restart tlsrpt\.socket tlsrpt\.service/,
    },
    mend: START_SOCKET,
  },
  {
    name: 'the socket unit is stopped',
    breakIt: 'systemctl stop tlsrpt.socket',
    expects: {
      finding: 'broken socket',
      what: /There is no socket/,
      fix: /^systemctl restart tlsrpt\.socket tlsrpt\.service/,
    },
    mend: START_SOCKET,
  },
  {
    name: 'the collector is stopped',
    breakIt: 'systemctl stop tlsrpt.service',
    expects: { finding: 'broken collector', what: /No collector runs/, fix: /^systemctl start tlsrpt\.service/ },
    mend: 'systemctl start tlsrpt.service',
  },
  {
    name: 'the collector takes nothing',
    breakIt: 'systemctl kill --signal=STOP tlsrpt.service',
    expects: {
      finding: 'broken probe',
      what: /has not come to the collector/,
      fix: /^systemctl restart tlsrpt\.socket tlsrpt\.service/,
    },
    mend: `systemctl kill --signal=CONT tlsrpt.service && ${START_SOCKET}`,
  },
];
