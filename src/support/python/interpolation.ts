/**
 * Python's references in configuration files: `%(name)s` for the value of another key of the section, `%%` for a percent sign.
 *
 * As configparser's BasicInterpolation does it, which is its default: a `%` before anything else, a key that is not there and references
 * without end are mistakes. Their number is bounded, since a value may name another many times over.
 */
export type Interpolation =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'mistake'; readonly why: string };

const MAX_DEPTH = 10;
const MAX_REFERENCES = 1_000;
const REFERENCE = /%(?:(%)|\(([^)]+)\)s|)/g;

/** `valueOf` gives the raw value of a key in lower case; undefined where there is none. */
export function interpolate(value: string, valueOf: (key: string) => string | undefined): Interpolation {
  try {
    return { kind: 'text', text: replaced(value, { valueOf, depth: 1, count: { references: 0 } }) };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { kind: 'mistake', why: error.message };
  }
}

class Mistake extends Error {}

interface Surroundings {
  readonly valueOf: (key: string) => string | undefined;
  readonly depth: number;
  readonly count: { references: number };
}

function replaced(value: string, { valueOf, depth, count }: Surroundings): string {
  if (depth > MAX_DEPTH) throw new Mistake('its references lead to each other without end');
  return value.replace(REFERENCE, (_found, percent: string | undefined, key: string | undefined) => {
    if (percent !== undefined) return percent;
    if (key === undefined) throw new Mistake('a % must be followed by % or by (NAME)s');
    const referenced = valueOf(key.toLowerCase());
    if (referenced === undefined) throw new Mistake(`it refers to ${key}, which is not there`);
    if ((count.references += 1) > MAX_REFERENCES) throw new Mistake('it has too many references');
    return replaced(referenced, { valueOf, depth: depth + 1, count });
  });
}
