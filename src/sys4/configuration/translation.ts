/**
 * What can become of one key of a foreign configuration.
 */
import type { SettingName } from '#config/settings.ts';
import type { FetcherDecision } from './decided-fetchers.ts';

export type MapName = 'recordMap' | 'mailMap' | 'httpsMap';

export type Translation =
  | {
      readonly kind: 'setting';
      readonly name: SettingName;
      /** As one would write it in the file. */
      readonly value: string | number | boolean | readonly string[];
      readonly notes?: readonly string[];
      readonly elsewhereUnless?: MapName;
    }
  /** A destination map that is to be written, with this one line. */
  | {
      readonly kind: 'map';
      readonly name: MapName;
      readonly line: string;
      readonly note?: string;
    }
  /** What nobody else may read, which has a file of its own. */
  | {
      readonly kind: 'secret';
      readonly name: SettingName;
      /** Its name, beside the configuration. */
      readonly file: string;
      readonly content: string;
    }
  | {
      readonly kind: 'none';
      readonly advice: string;
      /** Without it reports may go to others than before, unless this map says where they go. */
      readonly elsewhereUnless?: MapName;
    };

/** What else stands in the foreign configuration. */
export interface ForeignContext {
  /** The `storage` of the collector whose place ours takes; undefined when none is among what is imported. */
  readonly collectorStorages: string | undefined;
  /** The `storage` of the fetcher's own section; undefined when it is not set. */
  readonly fetcherStorage: string | undefined;
  /** It is set by a variable, which stands above every file. */
  readonly isFetcherStorageVariable: boolean;
  /** The names and addresses of this host. */
  readonly hostNames: readonly string[];
  readonly decisions: readonly FetcherDecision[];
}

export type Translate = (value: string, context: ForeignContext) => Translation | readonly Translation[];

export function setting(
  name: SettingName,
  value: string | number | boolean | readonly string[],
  notes: readonly string[] = [],
): Extract<Translation, { kind: 'setting' }> {
  return { kind: 'setting', name, value, ...(notes.length === 0 ? {} : { notes }) };
}

export function advice(text: string): Extract<Translation, { kind: 'none' }> {
  return { kind: 'none', advice: text };
}
