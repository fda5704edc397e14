/**
 * Reads a configuration file as Python's configparser does, with its defaults.
 *
 * A parser of its own, since those for JavaScript take `;` and `#` within a value for the beginning of a comment, split names at dots or
 * know no values of several lines; here nothing of a value is lost. References (`%(name)s`) are replaced. What configparser refuses is a problem
 * here too: a section or a key that is there twice, a reference to nothing.
 */
import { interpolate } from './interpolation.ts';

export interface IniValue {
  readonly line: number;
  /** Several lines are separated by LF. */
  readonly value: string;
}

export interface IniFile {
  /** By name; those of `[DEFAULT]` are in each section. Keys are lower case. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, IniValue>>;
  readonly problems: readonly { readonly line: number; readonly why: string }[];
}

const DEFAULTS = 'DEFAULT';

export function parseIni(content: string): IniFile {
  const reader = new IniReader();
  content
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .forEach((line, index) => {
      reader.read(line, index + 1);
    });
  return replaceReferences(withDefaults(reader.sections), reader.problems);
}

function replaceReferences(sections: IniFile['sections'], found: IniFile['problems']): IniFile {
  const problems = [...found];
  const replaced = [...sections].map(([name, values]) => {
    const read = [...values].map(([key, { line, value }]): [string, IniValue] => {
      const result = interpolate(value, (referenced) => values.get(referenced)?.value);
      if (result.kind === 'text') return [key, { line, value: result.text }];
      problems.push({ line, why: `${key}: ${result.why}` });
      return [key, { line, value }];
    });
    return [name, new Map(read)] as const;
  });
  return { sections: new Map(replaced), problems };
}

interface OpenValue {
  readonly line: number;
  value: string;
}

class IniReader {
  readonly sections = new Map<string, Map<string, OpenValue>>();
  readonly problems: { line: number; why: string }[] = [];
  #section: Map<string, OpenValue> | undefined;
  /** What an indented line continues. */
  #open: OpenValue | undefined;
  #indent = 0;

  read(text: string, line: number): void {
    const content = text.trim();
    if (/^[#;]/.test(content)) return;
    const indent = text.search(/\S/);
    if (content === '' || (this.#open && indent > this.#indent)) {
      if (this.#open) this.#open.value += `\n${content}`;
      return;
    }
    this.#indent = indent;
    this.#begin(content, line);
  }

  #begin(content: string, line: number): void {
    const [, header] = /^\[(.+)\]/.exec(content) ?? [];
    this.#open = undefined;
    if (header !== undefined) this.#section = this.#sectionOf(header, line);
    else this.#option(content, line);
  }

  #option(content: string, line: number): void {
    const [, name = '', value = ''] = /^([^=:]*?)\s*[=:]\s*(.*)$/.exec(content) ?? [];
    if (name === '') this.problems.push({ line, why: 'it is neither [section] nor name = value' });
    else if (!this.#section) this.problems.push({ line, why: 'it stands before the first [section]' });
    else {
      this.#open = { line, value };
      const key = name.toLowerCase();
      const earlier = this.#section.get(key);
      if (earlier) this.problems.push({ line, why: `${key} is there already, in line ${String(earlier.line)}` });
      this.#section.set(key, this.#open);
    }
  }

  #sectionOf(name: string, line: number): Map<string, OpenValue> {
    const earlier = this.sections.get(name);
    if (earlier && name !== DEFAULTS) this.problems.push({ line, why: `[${name}] is there already` });
    const section = earlier ?? new Map<string, OpenValue>();
    this.sections.set(name, section);
    return section;
  }
}

function withDefaults(sections: ReadonlyMap<string, ReadonlyMap<string, IniValue>>): IniFile['sections'] {
  const defaults = sections.get(DEFAULTS) ?? new Map<string, IniValue>();
  return new Map(
    [...sections]
      .filter(([name]) => name !== DEFAULTS)
      .map(([name, values]) => [name, new Map([...defaults, ...values].map(([key, one]) => [key, trimmed(one)]))]),
  );
}

function trimmed({ line, value }: IniValue): IniValue {
  return { line, value: value.trimEnd() };
}
