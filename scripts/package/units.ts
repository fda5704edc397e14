/**
 * The systemd units: a socket, the collector behind it, a service with a timer for each of report, send and fetch, the HTTP server,
 * what publishes to a cluster, and what watches.
 *
 * What all services are kept from stands once. `systemd-analyze security` says how much that leaves open; scripts/test-debian sees to it that it
 * stays below 2.0. What is open on purpose:
 * - MemoryDenyWriteExecute= and SystemCallFilter without @pkey: Node.js compiles while it runs, and protects what it compiled.
 * - ProcSubset=pid: the queue's length and how long the machine is up stand in /proc.
 * - The network, where reports are delivered or fetched; the collector has none.
 * - Of the collector RestrictRealtime= and @resources: the thread that drains the socket comes before all others (LimitRTPRIO=).
 */
export interface Unit {
  readonly name: string;
  readonly text: string;
}

type Section = readonly string[];

const SOCKET = '/var/spool/postfix/run/tlsrpt/tlsrpt.sock';
/** Where Postfix is not installed there is nobody to listen to; its queue may be elsewhere, where `setup` has the socket then. */
const WHERE_POSTFIX_IS: Section = [
  'ConditionPathIsDirectory=|/var/spool/postfix',
  'ConditionPathExists=|/etc/postfix/main.cf',
];

const ownState: Section = [
  'User=tlsrpt',
  'Group=tlsrpt',
  'StateDirectory=tlsrpt',
  'StateDirectoryMode=0700',
  'UMask=0077',
];

const confinement: Section = [
  'CapabilityBoundingSet=',
  'KeyringMode=private',
  'LockPersonality=yes',
  'NoNewPrivileges=yes',
  'PrivateDevices=yes',
  'PrivateTmp=yes',
  'PrivateUsers=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHome=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectProc=invisible',
  'ProtectSystem=strict',
  'RemoveIPC=yes',
  'RestrictNamespaces=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service @pkey',
];

/** For what opens connections; netlink tells which addresses are ours. */
const onTheNetwork: Section = [
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX',
  'RestrictRealtime=yes',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
];

/** From /etc/credstore, where they are; they are named as tlsrpt knows them behind "tlsrpt.". */
const secrets: Section = [
  'LoadCredential=smtp-password:tlsrpt.smtp-password',
  'LoadCredential=https-proxy-password:tlsrpt.https-proxy-password',
  'ImportCredential=tlsrpt.dkim-*:dkim-',
];

const clusterSecret: Section = ['LoadCredential=cluster-password:tlsrpt.cluster-password'];

/** `executable` is the path of tlsrpt where the units are installed. */
export function unitsFor(executable: string): Unit[] {
  return [
    socket(),
    collector(executable),
    ...report(executable),
    ...send(executable),
    ...fetch(executable),
    server(executable),
    publisher(executable),
    watcher(executable),
  ];
}

function socket(): Unit {
  return unit('tlsrpt.socket', {
    Unit: [
      'Description=Socket on which Postfix reports TLS results',
      'Documentation=man:tlsrpt-collect(1)',
      ...WHERE_POSTFIX_IS,
    ],
    Socket: [
      `ListenDatagram=${SOCKET}`,
      'SocketUser=tlsrpt',
      'SocketGroup=postfix',
      'SocketMode=0660',
      'DirectoryMode=0755',
      'RemoveOnStop=yes',
    ],
    Install: ['WantedBy=sockets.target'],
  });
}

function collector(executable: string): Unit {
  return unit('tlsrpt.service', {
    Unit: [
      'Description=Collector for SMTP TLS Reporting',
      'Documentation=man:tlsrpt-collect(1)',
      'Requires=tlsrpt.socket',
      'After=tlsrpt.socket',
      ...WHERE_POSTFIX_IS,
      '# A disk that is full ends it; it is started again until there is room.',
      'StartLimitIntervalSec=0',
    ],
    Service: [
      'Type=notify',
      `ExecStart=${executable} collect`,
      'Restart=on-failure',
      'RestartSec=5',
      'WatchdogSec=60',
      'TimeoutStopSec=90',
      'LimitRTPRIO=1',
      ...ownState,
      ...confinement,
      '# No network. For collect.http, write with "systemctl edit tlsrpt.service", below [Service]: IPAddressDeny= (empty), and',
      '# RestrictAddressFamilies=AF_INET AF_INET6',
      'IPAddressDeny=any',
      'RestrictAddressFamilies=AF_UNIX',
    ],
    Install: ['WantedBy=multi-user.target', 'Also=tlsrpt.socket'],
  });
}

function report(executable: string): Unit[] {
  return timed('report', {
    description: 'Reports of SMTP TLS Reporting about the days that are over',
    command: `${executable} report --day unreported --deliver`,
    why: '# Soon after midnight UTC, and every hour: what waited for a host or a record is taken up again.',
    calendar: '*-*-* *:10:00 UTC',
    // As RFC 8460 4.1 asks for, so that not all senders report at once; on this machine at the same minute of each hour.
    delay: ['RandomizedDelaySec=30min', 'FixedRandomDelay=yes'],
    extra: [...secrets, ...clusterSecret], // the latter for --shared
  });
}

function send(executable: string): Unit[] {
  return timed('send', {
    description: 'Deliveries of SMTP TLS Reporting that are tried again',
    command: `${executable} send`,
    why: '# The wait after an attempt is a minute at first.',
    calendar: '*:0/5',
    delay: ['RandomizedDelaySec=60', 'FixedRandomDelay=yes'],
    extra: secrets,
  });
}

function fetch(executable: string): Unit[] {
  return timed('fetch', {
    description: 'Fetching what other mail servers collected for SMTP TLS Reporting',
    command: `${executable} fetch --day unreported`,
    why: '# Before the reports of each hour.',
    calendar: '*-*-* *:02:00 UTC',
    delay: ['RandomizedDelaySec=5min', 'FixedRandomDelay=yes'],
    extra: clusterSecret,
  });
}

function server(executable: string): Unit {
  return unit('tlsrpt-serve.service', {
    Unit: [
      'Description=Metrics and health of SMTP TLS Reporting over HTTP, and the receiver for reports',
      'Documentation=man:tlsrpt-serve(1)',
      'Wants=network-online.target',
      'After=network-online.target tlsrpt.service',
      'StartLimitIntervalSec=0',
    ],
    Service: [
      'Type=notify',
      `ExecStart=${executable} serve`,
      'Restart=on-failure',
      'RestartSec=5',
      '# What no waiting mends: the command line, rights, the configuration.',
      'RestartPreventExitStatus=64 77 78',
      'WatchdogSec=60',
      '# Reading a large day takes a while, and is in no hurry.',
      'Nice=10',
      ...ownState,
      'LoadCredential=serve-key:tlsrpt.serve-key',
      'LoadCredential=serve-reports-key:tlsrpt.serve-reports-key',
      'LoadCredential=serve-token:tlsrpt.serve-token',
      ...confinement,
      ...onTheNetwork,
    ],
    Install: ['WantedBy=multi-user.target'],
  });
}

function publisher(executable: string): Unit {
  return unit('tlsrpt-publish.service', {
    Unit: [
      "Description=Publishing this host's days of SMTP TLS Reporting to OpenSearch or Elasticsearch",
      'Documentation=man:tlsrpt-publish(1)',
      'Wants=network-online.target',
      'After=network-online.target nss-lookup.target tlsrpt.service',
      'StartLimitIntervalSec=0',
    ],
    Service: [
      'Type=exec',
      `ExecStart=${executable} publish --follow`,
      'Restart=on-failure',
      'RestartSec=5',
      '# What no waiting mends: the command line, rights, the configuration.',
      'RestartPreventExitStatus=64 77 78',
      '# Reading a large day takes a while, and is in no hurry.',
      'Nice=10',
      ...ownState,
      ...clusterSecret,
      ...confinement,
      ...onTheNetwork,
    ],
    Install: ['WantedBy=multi-user.target'],
  });
}

function watcher(executable: string): Unit {
  return unit('tlsrpt-watch.service', {
    Unit: [
      'Description=Early warning of SMTP TLS Reporting',
      'Documentation=man:tlsrpt-watch(1)',
      'Wants=network-online.target',
      'After=network-online.target nss-lookup.target tlsrpt.service',
      'StartLimitIntervalSec=0',
    ],
    Service: [
      'Type=notify',
      `ExecStart=${executable} watch`,
      'Restart=on-failure',
      'RestartSec=5',
      '# What no waiting mends: the command line, rights, the configuration.',
      'RestartPreventExitStatus=64 77 78',
      '# Reading the days before takes a while, and is in no hurry.',
      'Nice=10',
      ...ownState,
      ...secrets,
      ...confinement,
      ...onTheNetwork,
    ],
    Install: ['WantedBy=multi-user.target'],
  });
}

interface Timed {
  readonly description: string;
  readonly command: string;
  /** As a comment. */
  readonly why: string;
  readonly calendar: string;
  readonly delay: Section;
  readonly extra: Section;
}

function timed(name: string, { description, command, why, calendar, delay, extra }: Timed): Unit[] {
  const documentation = `Documentation=man:tlsrpt-${name}(1)`;
  const service = unit(`tlsrpt-${name}.service`, {
    Unit: [
      `Description=${description}`,
      documentation,
      'Wants=network-online.target',
      'After=network-online.target nss-lookup.target postfix.service',
    ],
    Service: [
      'Type=oneshot',
      `ExecStart=${command}`,
      '# Something waits and is tried again: nothing is wrong.',
      'SuccessExitStatus=75',
      ...ownState,
      ...extra,
      ...confinement,
      ...onTheNetwork,
    ],
  });
  const timer = unit(`tlsrpt-${name}.timer`, {
    Unit: [`Description=${description}`, documentation],
    Timer: [why, `OnCalendar=${calendar}`, ...delay, 'Persistent=yes'],
    Install: ['WantedBy=timers.target'],
  });
  return [service, timer];
}

function unit(name: string, sections: Readonly<Record<string, Section>>): Unit {
  const text = Object.entries(sections).map(([title, lines]) => `[${title}]\n${lines.join('\n')}\n`);
  return { name, text: text.join('\n') };
}
