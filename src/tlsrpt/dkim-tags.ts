/**
 * Reads a list of tags, as DKIM has them in its signatures and in the records of its keys (RFC 6376 3.2).
 */
const TAG = /^([A-Za-z][A-Za-z0-9_]*) ?= ?(.*)$/;
const MAX_LENGTH = 16_384;

/** Blanks and line ends are one blank. Undefined for what is not a list of tags, has one twice, or is longer than any. */
export function readDkimTags(text: string): ReadonlyMap<string, string> | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const tags = new Map<string, string>();
  for (const part of text.replace(/\s+/g, ' ').replace(/; ?$/, '').split(';')) {
    const [, name, value = ''] = TAG.exec(part.trim()) ?? [];
    if (name === undefined || tags.has(name)) return undefined;
    tags.set(name, value);
  }
  return tags;
}

/** The words of a value that has them between colons. */
export function colonSeparated(value: string): string[] {
  return value.split(':').map((word) => word.trim());
}
