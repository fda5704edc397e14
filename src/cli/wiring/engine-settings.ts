/**
 * The settings of whoever speaks to OpenSearch or Elasticsearch.
 */
import type { SettingName } from '#config/settings.ts';

export const engineSettings = [
  'clusterUrl',
  'clusterUser',
  'clusterPasswordFile',
  'clusterCa',
  'clusterInsecure',
] as const satisfies SettingName[];
