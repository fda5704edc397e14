/**
 * Writes a JSON value as Python's `json.dumps` does with its defaults: a blank behind each comma and colon, and ASCII alone.
 */

/** Fractions aside, whose digits may differ. A key without a value is left out, as JSON.stringify does. */
export function formatPythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatPythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return inAscii(JSON.stringify(value));
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${pairs.map(([key, one]) => `${formatPythonJson(key)}: ${formatPythonJson(one)}`).join(', ')}}`;
}

/** JSON.stringify escapes what comes before a blank, Python also what comes behind a tilde: each half of a pair by itself. */
function inAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
