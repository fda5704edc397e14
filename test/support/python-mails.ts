/**
 * Mails as Python's email package takes them apart: a reader that shares nothing with ours.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface PythonMail {
  /** Lower-case names, values as they are. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Those that are no multiparts, in order. */
  readonly parts: readonly PythonPart[];
  readonly defects: readonly string[];
}

export interface PythonPart {
  readonly type: string;
  readonly charset: string | null;
  /** Decoded. */
  readonly bytes: Buffer;
}

const READER = fileURLToPath(new URL('mail_parts.py', import.meta.url));

interface WrittenMail extends Omit<PythonMail, 'parts'> {
  readonly parts: readonly (Omit<PythonPart, 'bytes'> & { readonly bytes: string })[];
}

/** All of them by one process. */
export function readByPython(mails: readonly Buffer[]): PythonMail[] {
  const input = mails.map((mail) => `${mail.toString('base64')}\n`).join('');
  const lines = execFileSync('python3', [READER], { input, encoding: 'utf8', maxBuffer: 67_108_864 }).split('\n');
  return lines.slice(0, mails.length).map((line) => {
    const { parts, ...rest } = JSON.parse(line) as WrittenMail;
    return { ...rest, parts: parts.map((part) => ({ ...part, bytes: Buffer.from(part.bytes, 'base64') })) };
  });
}
