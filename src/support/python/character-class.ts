/**
 * Translates what stands between brackets in a Python pattern (`[a-z\d]`) into JavaScript's form with the flag u.
 */
import { takeControlEscape, takeNumericEscape, Untranslatable } from './pattern-scanner.ts';
import type { PatternScanner } from './pattern-scanner.ts';

/** One character, or a category such as `\d`. */
type Member = { readonly code: number } | { readonly category: string };

/** `scanner` stands behind the opening bracket, and goes on behind the closing one. */
export function translateClass(scanner: PatternScanner): string {
  const opening = scanner.accept(/^\^/) ? '[^' : '[';
  const members: string[] = [];
  while (members.length === 0 || !scanner.accept(/^\]/)) members.push(translateMember(scanner));
  return `${opening}${members.join('')}]`;
}

/** So that it means nothing but itself. */
export function literal(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

function translateMember(scanner: PatternScanner): string {
  const first = takeMember(scanner);
  if (!scanner.accept(/^-(?=[^\]])/)) return 'code' in first ? literal(first.code) : first.category;
  const last = takeMember(scanner);
  if (!('code' in first && 'code' in last) || first.code > last.code)
    throw new Untranslatable('a range between brackets has no beginning or end');
  return `${literal(first.code)}-${literal(last.code)}`;
}

function takeMember(scanner: PatternScanner): Member {
  if (scanner.isAtEnd()) throw new Untranslatable('a bracket [ is not closed');
  if (!scanner.accept(/^\\/)) return { code: codeOf(scanner.take()) };
  const category = scanner.accept(/^[dDsSwW]/);
  if (category) return { category: `\\${category[0]}` };
  const code = takeNumericEscape(scanner) ?? takeControlEscape(scanner);
  if (code !== undefined) return { code };
  if (scanner.isAtEnd() || /^[A-Za-z\d]/.test(scanner.rest))
    throw new Untranslatable(`\\${scanner.rest.slice(0, 1)} between brackets is not known`);
  return { code: codeOf(scanner.take()) };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
