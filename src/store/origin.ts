/**
 * Whose a day is: the identity of the state directory that collected it, or the name of a source that has none.
 *
 * The two have different forms, so that no state directory can pass for a source by its name, and a copy is believed to be from no other
 * source than the one that gave it.
 */
const IDENTITY = /^[\w-]{1,100}$/;

export function isIdentity(text: string): boolean {
  return IDENTITY.test(text);
}

/** Of a day that was made of what a source said, in a form that no identity has. */
export function originOfSource(sourceName: string): string {
  return `source:${sourceName}`;
}

/** Whether a copy that the source gave may have that origin. */
export function mayComeFrom(sourceName: string, origin: string): boolean {
  return isIdentity(origin) || origin === originOfSource(sourceName);
}
