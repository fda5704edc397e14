/**
 * What can be set about early warning: the rows of the table `[watch]`.
 */
import { setting } from './setting.ts';
import { domain, durationMs, flag, integer, list } from './value-types.ts';

export const watchSettings = {
  watchEnabled: setting({
    key: 'watch.enabled',
    flag: 'watch',
    argument: undefined,
    schema: flag,
    fallback: false,
    help: 'Have run watch what comes, too.',
  }),
  ownDomains: setting({
    key: 'watch.own_domains',
    flag: 'own-domain',
    argument: 'DOMAIN',
    schema: list(domain),
    fallback: [],
    fallbackText: 'none',
    isList: true,
    help: 'Domains of yours: what fails there about a certificate or a policy is told at once. What is below one belongs to it, mail hosts too.',
  }),
  watchFailures: setting({
    key: 'watch.failures',
    flag: 'watch-failures',
    argument: 'N',
    schema: integer(2, 100_000),
    fallback: 5,
    help: 'A domain with regular traffic begins to fail when so many of its sessions have failed, with the share of watch.share.',
  }),
  watchShare: setting({
    key: 'watch.share',
    flag: 'watch-share',
    argument: 'PERCENT',
    schema: integer(5, 100),
    fallback: 50,
    help: 'The share of the sessions since the first failure that have to fail, at least, before a domain begins to fail.',
  }),
  watchWindow: setting({
    key: 'watch.window',
    flag: 'watch-window',
    argument: 'TIME',
    schema: durationMs('5m', '1d'),
    fallback: '1h',
    help: 'Failures count together where no more time than this lies between them.',
  }),
  watchWave: setting({
    key: 'watch.wave',
    flag: 'watch-wave',
    argument: 'N',
    schema: integer(3, 100_000),
    fallback: 10,
    help: 'So many domains that begin to fail at once are told as one.',
  }),
  watchSilence: setting({
    key: 'watch.silence',
    flag: 'watch-silence',
    argument: 'TIME',
    schema: durationMs('30s', '7d'),
    fallback: '90s',
    help: 'The shortest silence that is told, where it is unusual at this time of day.',
  }),
  watchOver: setting({
    key: 'watch.over',
    flag: 'watch-over',
    argument: 'TIME',
    schema: durationMs('1m', '1d'),
    fallback: '10m',
    help: 'How long it has to go well with a domain, or with the domains of a wave, before that is over.',
  }),
  watchNotices: setting({
    key: 'watch.notices',
    flag: 'watch-notices',
    argument: 'N',
    schema: integer(1, 1_000),
    fallback: 10,
    help: 'The most notices within an hour. Where there would be more, the last one sums them up.',
  }),
};
