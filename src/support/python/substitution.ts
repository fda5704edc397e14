/**
 * Replaces in a text what a Python pattern matches, and asks whether it matches, as `re.sub` and `re.match` do.
 *
 * Every match that does not overlap another is replaced. In the template `\1`, `\g<1>` and `\g<name>` stand for groups.
 */
import { PatternScanner, takeControlEscape, takeNumericEscape, Untranslatable } from './pattern-scanner.ts';
import type { PythonPattern } from './pattern.ts';

export type Substitution = (text: string) => string;

export type SubstitutionReading =
  | { readonly kind: 'substitution'; readonly substitute: Substitution }
  | { readonly kind: 'refused'; readonly why: string };

/** Text, or the number of a group. */
type TemplatePart = string | number;

/** Matched from the start of the text, though not necessarily to its end. */
export function matcherOf({ source, flags }: PythonPattern): (text: string) => boolean {
  const expression = new RegExp(`^(?:${source})`, flags);
  return (text) => expression.test(text);
}

export function readSubstitution(pattern: PythonPattern, template: string): SubstitutionReading {
  // Where a pattern matched nothing, Python looks for something at the same place; JavaScript goes on.
  if (pattern.mayPreferNothing)
    return { kind: 'refused', why: 'the pattern can match nothing; write what it must match' };
  try {
    const parts = partsOf(template, pattern);
    const expression = new RegExp(pattern.source, `${pattern.flags}g`);
    return {
      kind: 'substitution',
      substitute: (text) =>
        text.replace(expression, (...match: (string | undefined)[]) =>
          parts.map((part) => (typeof part === 'string' ? part : (match[part] ?? ''))).join(''),
        ),
    };
  } catch (error) {
    if (error instanceof Untranslatable) return { kind: 'refused', why: error.message };
    throw error;
  }
}

function partsOf(template: string, pattern: PythonPattern): TemplatePart[] {
  const scanner = new PatternScanner(template);
  const parts: TemplatePart[] = [];
  while (!scanner.isAtEnd()) parts.push(scanner.accept(/^\\/) ? escapedPart(scanner, pattern) : scanner.take());
  return parts;
}

function escapedPart(scanner: PatternScanner, { groups, names }: PythonPattern): TemplatePart {
  const named = scanner.accept(/^g<(\w+)>/);
  if (named) return checkedGroup(groupNumber(named[1] ?? '', names), groups);
  const octal = /^[0-7]/.test(scanner.rest) ? takeNumericEscape(scanner) : undefined;
  if (octal !== undefined) return String.fromCodePoint(octal);
  const numbered = scanner.accept(/^[1-9]\d?/);
  if (numbered) return checkedGroup(Number(numbered[0]), groups);
  const control = takeControlEscape(scanner);
  if (control !== undefined) return String.fromCodePoint(control);
  if (scanner.accept(/^\\/)) return '\\';
  if (scanner.isAtEnd() || /^[A-Za-z]/.test(scanner.rest))
    throw new Untranslatable(`\\${scanner.rest.slice(0, 1)} in the substitution is not known`);
  return `\\${scanner.take()}`; // Python, too, leaves the backslash there
}

function groupNumber(word: string, names: ReadonlyMap<string, number>): number | undefined {
  return /^\d+$/.test(word) ? Number(word) : names.get(word);
}

function checkedGroup(group: number | undefined, groups: number): number {
  if (group === undefined || group > groups)
    throw new Untranslatable('the substitution refers to a group that the pattern does not have');
  return group;
}
