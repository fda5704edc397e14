/**
 * Reads the value of a field Authentication-Results (RFC 8601 2.2): what a mail server found out about who sent a mail.
 *
 * Strangers have words of theirs in it, in comments and quoted strings, so these are never taken for anything else.
 */
import { canonicalDomain, isDnsName } from './domain-name.ts';

export interface AuthenticationResults {
  /** Who says so, in lower case. */
  readonly authservId: string;
  readonly dkim: readonly DkimResult[];
}

export interface DkimResult {
  /** `pass`, `fail` and what else RFC 8601 2.7.1 has, in lower case. */
  readonly result: string;
  /** `header.d`, or the domain of `header.i`, in its canonical form. */
  readonly domain: string | undefined;
  /** `header.s` */
  readonly selector: string | undefined;
}

const MAX_LENGTH = 16_384;
const RESULT = /^dkim(?:\/1)?=([a-z]+)(?: |$)/;
const VERSION = /^(\S+)(?: 1)?$/;

/** Undefined for what is not such a value. */
export function readAuthenticationResults(value: string): AuthenticationResults | undefined {
  const statements = value.length > MAX_LENGTH ? undefined : statementsIn(value);
  const [, authservId] = VERSION.exec(statements?.[0] ?? '') ?? [];
  if (statements === undefined || authservId === undefined) return undefined;
  return { authservId: authservId.toLowerCase(), dkim: statements.slice(1).flatMap(dkimResultOf) };
}

function dkimResultOf(statement: string): DkimResult[] {
  const [, result] = RESULT.exec(statement.toLowerCase()) ?? [];
  if (result === undefined) return [];
  const domain = canonicalDomain(property(statement, 'd') ?? property(statement, 'i')?.replace(/^.*@/, '') ?? '');
  const selector = property(statement, 's');
  return [
    {
      result,
      domain: isDnsName(domain) ? domain : undefined,
      selector: selector !== undefined && isDnsName(selector.toLowerCase()) ? selector.toLowerCase() : undefined,
    },
  ];
}

function property(statement: string, name: string): string | undefined {
  return statement
    .split(' ')
    .find((word) => word.toLowerCase().startsWith(`header.${name}=`))
    ?.slice(`header.${name}=`.length);
}

/** Character by character: comments are a blank, and of quoted strings nothing is left that separates. Undefined where one does not end. */
function statementsIn(value: string): string[] | undefined {
  const reader = { text: '', depth: 0, isQuoted: false };
  for (const [token] of value.matchAll(/\\[^]|[^]/g)) take(token, reader);
  if (reader.depth > 0 || reader.isQuoted) return undefined;
  return reader.text.split(';').map((statement) => statement.replace(/\s+/g, ' ').replace(/ ?= ?/g, '=').trim());
}

interface ValueReader {
  text: string;
  depth: number;
  isQuoted: boolean;
}

function take(token: string, reader: ValueReader): void {
  if (reader.isQuoted) {
    if (token === '"') reader.isQuoted = false;
    else reader.text += SEPARATES.test(token) ? '_' : token;
  } else if (token === '(') reader.depth += 1;
  else if (token === ')') reader.depth -= 1;
  else if (reader.depth > 0) reader.text += ' ';
  else if (token === '"') reader.isQuoted = true;
  else reader.text += token;
  if (reader.depth < 0) reader.depth = Infinity;
}

const SEPARATES = /[\s;=\\]/;
