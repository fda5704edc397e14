/**
 * What can become of one key of a foreign configuration.
 */
import type { SettingName } from '#config/settings.ts';

export type Translation =
  | {
      readonly kind: 'setting';
      readonly name: SettingName;
      /** As one would write it in the file. */
      readonly value: string | number | boolean | readonly string[];
      readonly note?: string;
    }
  /** A destination map that is to be written, with this one line. */
  | {
      readonly kind: 'map';
      readonly name: 'recordMap' | 'mailMap' | 'httpsMap';
      readonly line: string;
      readonly note?: string;
    }
  | { readonly kind: 'none'; readonly advice: string };

/** What else stands in the foreign configuration. */
export interface ForeignContext {
  /** The collector's `storage`; undefined when the collector is not among what is imported. */
  readonly collectorStorage: string | undefined;
}

export type Translate = (value: string, context: ForeignContext) => Translation | readonly Translation[];

export function setting(
  name: SettingName,
  value: string | number | boolean | readonly string[],
  note?: string,
): Translation {
  return { kind: 'setting', name, value, ...(note === undefined ? {} : { note }) };
}

export function advice(text: string): Translation {
  return { kind: 'none', advice: text };
}
