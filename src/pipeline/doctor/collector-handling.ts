/**
 * How the administrator of this host starts the collector, and where its log is: as fixes name it.
 */
export interface CollectorHandling {
  readonly start: string;
  readonly restart: string;
  /** Its socket too. */
  readonly restartAll: string;
  readonly log: string;
}

/** `hasUnit`: whether systemd runs here, and knows tlsrpt.service. */
export function handlingOf(hasUnit: boolean): CollectorHandling {
  return hasUnit ? byUnit : byHand;
}

const byUnit: CollectorHandling = {
  start: 'systemctl start tlsrpt.service',
  restart: 'systemctl restart tlsrpt.service',
  restartAll: 'systemctl restart tlsrpt.socket tlsrpt.service',
  log: 'journalctl -u tlsrpt.service',
};

const byHand: CollectorHandling = {
  start: 'start the collector (tlsrpt collect, or tlsrpt run for everything)',
  restart: 'start the collector anew',
  restartAll: 'start the collector anew',
  log: 'the log of the collector',
};
