/**
 * What can be set about OpenSearch and Elasticsearch: the rows of the table `[cluster]`.
 */
import { setting } from './setting.ts';
import { durationMs, engineUrl, flag, indexPrefix, path, proxyUser } from './value-types.ts';

export const DEFAULT_INDEX_PREFIX = 'tlsrpt';

export const clusterSettings = {
  clusterUrl: setting({
    key: 'cluster.url',
    flag: 'cluster-url',
    argument: 'URL',
    schema: engineUrl.optional(),
    fallback: undefined,
    fallbackText: 'none',
    help: 'The OpenSearch or Elasticsearch that publish writes to, such as https://search.example.net:9200.',
  }),
  clusterIndexPrefix: setting({
    key: 'cluster.index_prefix',
    flag: 'index-prefix',
    argument: 'PREFIX',
    schema: indexPrefix,
    fallback: DEFAULT_INDEX_PREFIX,
    help: 'With what the names of its indices begin: PREFIX-days, PREFIX-policies-DAY, PREFIX-leases and PREFIX-reports-DAY.',
  }),
  clusterUser: setting({
    key: 'cluster.user',
    flag: 'cluster-user',
    argument: 'USER',
    schema: proxyUser.optional(),
    fallback: undefined,
    fallbackText: 'no authentication',
    help: 'The user name there (Basic), also for the sources of fetch that are on the host of url, or anywhere where url is not set.',
  }),
  clusterPasswordFile: setting({
    key: 'cluster.password_file',
    flag: 'cluster-password-file',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: '$CREDENTIALS_DIRECTORY/cluster-password where that is',
    help: 'The file that holds the password of user.',
  }),
  clusterCa: setting({
    key: 'cluster.ca',
    flag: 'cluster-ca',
    argument: 'FILE',
    schema: path.optional(),
    fallback: undefined,
    fallbackText: 'the public certificate authorities alone',
    help: 'Certificates (PEM) of further authorities to trust there.',
  }),
  clusterInsecure: setting({
    key: 'cluster.insecure',
    flag: 'cluster-insecure',
    argument: undefined,
    schema: flag,
    fallback: false,
    help: 'Speak HTTP without TLS to other hosts as well, where a URL says http. Whoever is in between can read and change all of it.',
  }),
  clusterLease: setting({
    key: 'cluster.lease',
    flag: 'cluster-lease',
    argument: 'TIME',
    schema: durationMs('3s', '10m'),
    fallback: '30s',
    help: 'How long what a reporter works on is left to it, with report --shared, after it was last heard of.',
  }),
};
