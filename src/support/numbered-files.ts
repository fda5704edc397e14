/**
 * Files that continue each other: `STEM.1.EXTENSION`, `STEM.2.EXTENSION` and so on.
 */

export interface NumberedFile {
  readonly name: string;
  readonly number: number;
}

/** Of the names in a directory those of that form, the lowest number first. The names may be anything: a stranger may have chosen them. */
export function numberedFiles(names: readonly string[], stem: string, extension: string): NumberedFile[] {
  return names
    .flatMap((name) => {
      if (!name.startsWith(`${stem}.`)) return [];
      const [, digits] = NUMBER_AND_EXTENSION.exec(name.slice(stem.length)) ?? [];
      return digits !== undefined && name === `${stem}.${digits}.${extension}`
        ? [{ name, number: Number(digits) }]
        : [];
    })
    .sort((one, other) => one.number - other.number);
}

/** Written in one way only, and no higher than a collector counts. */
const NUMBER_AND_EXTENSION = /^\.(0|[1-9]\d{0,7})\.\w+$/;
