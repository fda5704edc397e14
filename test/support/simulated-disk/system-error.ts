/**
 * Errors as Node.js throws them when a system call fails.
 */
import { constants } from 'node:os';

export function systemError(code: string, path: string): never {
  const number = (constants.errno as Readonly<Record<string, number>>)[code] ?? 0;
  throw Object.assign(new Error(`${code}: '${path}'`), { code, errno: -number, path });
}
