/**
 * Reads an MTA-STS policy, the text at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` (RFC 8461 3.2), and says which hosts it allows.
 *
 * Each mistake is found at its line, so that whoever wrote the policy can mend all of them at once.
 */
import { canonicalDomain, isUsableDomain } from './domain-name.ts';
import { placedText, placeIn, splitPlaced, trimPlaced } from './placed-text.ts';
import type { Place, PlacedText } from './placed-text.ts';

const stsModes = ['enforce', 'testing', 'none'] as const;

export type StsMode = (typeof stsModes)[number];

export interface StsPolicy {
  readonly mode: StsMode;
  readonly maxAgeSeconds: number;
  /** In canonical form: names of hosts, or `*.` and a domain. */
  readonly mx: readonly string[];
}

export interface PolicyMistake {
  readonly why: string;
  /** What is missing has none. */
  readonly place?: Place;
}

export type PolicyReading =
  | { readonly kind: 'policy'; readonly policy: StsPolicy }
  /** At least one. */
  | { readonly kind: 'invalid'; readonly mistakes: readonly PolicyMistake[] };

const MOST_LINES = 1_000;
const MAX_LINE_LENGTH = 1_000;
const MAX_QUOTED_LENGTH = 80;
const LONGEST_MAX_AGE_SECONDS = 31_557_600; // RFC 8461 3.2
const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;

export function readStsPolicy(text: string): PolicyReading {
  const lines = text.split(/\r?\n/);
  if (lines.length > MOST_LINES) return invalid([{ why: `it has more than ${String(MOST_LINES)} lines` }]);
  const readings = lines.map((line, index) => readLine(line, index + 1)).filter((reading) => reading !== undefined);
  const mistakes = readings.flatMap((reading) => reading.mistake ?? mistakeIn(reading));
  const fields = readings.flatMap(({ field }) => field ?? []);
  const missing = missingFrom(fields);
  if (mistakes.length + missing.length > 0) return invalid([...mistakes, ...missing]);
  return { kind: 'policy', policy: policyOf(fields) };
}

/** True when the policy names the host (RFC 8461 4.1): `*` stands for one whole label. `host` is in canonical form. */
export function allowsHost({ mx }: StsPolicy, host: string): boolean {
  return mx.some((pattern) => matchesPattern(pattern, host));
}

export function matchesPattern(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.replace(/^[^.]*/, '*') === pattern : host === pattern;
}

interface Field {
  readonly key: string;
  readonly value: string;
}

interface LineReading {
  readonly field?: Field;
  readonly mistake?: PolicyMistake;
  readonly placeOfValue?: Place;
}

/** Undefined for a blank line. */
function readLine(line: string, number: number): LineReading | undefined {
  const whole = trimPlaced(placedText(line));
  if (whole.text === '') return undefined;
  if (line.length > MAX_LINE_LENGTH)
    return { mistake: { why: `line ${String(number)} is longer than ${String(MAX_LINE_LENGTH)} characters` } };
  const [key = whole, ...rest] = splitPlaced(whole, ':');
  const [second] = rest;
  if (!second || !KEY.test(key.text))
    return {
      mistake: { why: `"${quoted(whole)}" is no line of the form key: value`, place: placeIn(line, whole, number) },
    };
  const value = trimPlaced({ text: line.slice(second.start), start: second.start });
  return { field: { key: key.text, value: value.text }, placeOfValue: placeIn(line, value, number) };
}

/** Which values the known keys may have; what stands in its place says why another is a mistake. */
const valueMistakes: Readonly<Record<string, (value: string) => string | undefined>> = {
  version: (value) => (value === 'STSv1' ? undefined : 'the version is not STSv1'),
  mode: (value) => (isMode(value) ? undefined : 'the mode is neither enforce nor testing nor none'),
  max_age: (value) =>
    /^\d{1,10}$/.test(value) && Number(value) <= LONGEST_MAX_AGE_SECONDS
      ? undefined
      : `max_age is no number of seconds up to ${String(LONGEST_MAX_AGE_SECONDS)}`,
  mx: (value) => (isPattern(value) ? undefined : 'mx is neither the name of a host nor *. with a domain'),
};

function mistakeIn({ field, placeOfValue }: LineReading): PolicyMistake | [] {
  if (!field || !placeOfValue) return [];
  const why = Object.hasOwn(valueMistakes, field.key) ? valueMistakes[field.key]?.(field.value) : undefined;
  return why === undefined ? [] : { why, place: placeOfValue };
}

/** RFC 8461 3.2: a policy that matches mails to hosts has to name some. */
function missingFrom(fields: readonly Field[]): PolicyMistake[] {
  const keys = ['version', 'mode', 'max_age', ...(valueOf(fields, 'mode') === 'none' ? [] : ['mx'])];
  return keys
    .filter((key) => valueOf(fields, key) === undefined)
    .map((key) => ({ why: `it has no line "${key}: ..."` }));
}

function policyOf(fields: readonly Field[]): StsPolicy {
  const mode = valueOf(fields, 'mode') ?? '';
  return {
    mode: isMode(mode) ? mode : 'none',
    maxAgeSeconds: Number(valueOf(fields, 'max_age')),
    mx: fields.filter(({ key }) => key === 'mx').map(({ value }) => canonicalPattern(value)),
  };
}

/** RFC 8461 3.2: of several of one kind but mx, the first counts. */
function valueOf(fields: readonly Field[], key: string): string | undefined {
  return fields.find((field) => field.key === key)?.value;
}

function isMode(text: string): text is StsMode {
  return stsModes.some((mode) => mode === text);
}

function isPattern(value: string): boolean {
  return isUsableDomain(canonicalPattern(value).replace(/^\*\./, ''));
}

function canonicalPattern(value: string): string {
  return value.startsWith('*.') ? `*.${canonicalDomain(value.slice(2))}` : canonicalDomain(value);
}

function quoted({ text }: PlacedText): string {
  return text.slice(0, MAX_QUOTED_LENGTH);
}

function invalid(mistakes: readonly PolicyMistake[]): PolicyReading {
  return { kind: 'invalid', mistakes };
}
