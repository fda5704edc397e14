/**
 * One field of foreign JSON, made fit to keep: whatever stands there, it becomes a bounded value of the type asked for, or undefined.
 *
 * A field of another type is as good as none, with two exceptions: digits in quotes are a number, and where a text is shown to people
 * a number is text.
 */
import type { Conversion } from './bounded-conversion.ts';
import { cleanText } from './clean-text.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const DIGITS = /^-?\d{1,9}$/;

/** Empty text says nothing. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Cut off behind `maxLength`. */
export function cleanTextOf(value: unknown, maxLength: number): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : textOf(cleanText(text, maxLength));
}

export function remarkOf(value: unknown, maxLength: number): string | undefined {
  return cleanTextOf(typeof value === 'number' ? String(value) : value, maxLength);
}

/** A name that is too long is none; cut off, it would be another one. */
export function nameOf(value: unknown, maxLength: number, convert: Conversion): string | undefined {
  const name = textOf(value)?.trim() ?? '';
  if (name.length > maxLength) return undefined;
  return textOf(convert(cleanText(name, maxLength)));
}

export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DIGITS.test(value) ? Number(value) : undefined;
}

/** The objects in a list; nothing for what is not a list. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The elements of a list, without those that `read` makes nothing of. */
export function listOf<Element>(value: unknown, read: (element: unknown) => Element | undefined): Element[] {
  return Array.isArray(value) ? value.map(read).filter((element) => element !== undefined) : [];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is a JSON object; undefined for any other. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
