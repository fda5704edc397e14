/**
 * The settings as they stand in the configuration file: by table, in the order of their rows.
 */
import type { Setting } from '#config/setting.ts';
import { settings } from '#config/settings.ts';
import { groupBy } from '#support/group-by.ts';

/** The settings outside of any table come first, under ''. */
export function tablesOfSettings(): [table: string, rows: Setting[]][] {
  return [...groupBy(Object.values<Setting>(settings), tableOf)];
}

export function nameInTable({ key }: Setting): string {
  return key.slice(key.indexOf('.') + 1);
}

/** What holds where nothing is set, in words. */
export function fallbackTextOf({ fallback, fallbackText }: Setting): string {
  return fallbackText ?? String(fallback);
}

function tableOf({ key }: Setting): string {
  return key.includes('.') ? key.slice(0, key.indexOf('.')) : '';
}
