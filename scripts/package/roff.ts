/**
 * The few macros of man(7) that the manual pages need, with everything in them escaped.
 */
export function title(name: string, section: number, version: string, date: string): string {
  return `.TH ${quoted(name.toUpperCase())} ${String(section)} ${quoted(date)} ${quoted(`tlsrpt ${version}`)}`;
}

export function heading(text: string): string {
  return `.SH ${quoted(text)}`;
}

export function subheading(text: string): string {
  return `.SS ${quoted(text)}`;
}

/** How a command is called: capital letters stand for what one writes there. */
export function synopsis(command: string, usage: string): string {
  const words = usage === '' ? '' : ` ${escaped(usage).replace(/[A-Z][A-Z-]+/g, (word) => `\\fI${word}\\fR`)}`;
  return `.br\n\\fBtlsrpt ${escaped(command)}\\fR${words} [\\fIoptions\\fR]`;
}

export function paragraph(text: string): string {
  return `.PP\n${escaped(text)}`;
}

/** What is explained is bold; what stands for a value behind it is not. */
export function item(term: string, explanation: string, value = ''): string {
  const behind = value === '' ? '' : ` \\fI${escaped(value)}\\fR`;
  return `.TP\n\\fB${escaped(term)}\\fR${behind}\n${escaped(explanation)}`;
}

/** Lines that stay as they are. */
export function example(lines: readonly string[]): string {
  return ['.PP', '.RS 4', '.nf', ...lines.map(escaped), '.fi', '.RE'].join('\n');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}

function escaped(text: string): string {
  const inLine = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replaceAll('`', '\\(ga');
  return inLine.replaceAll('^', '\\(ha').replaceAll('~', '\\(ti').replace(/^\./gm, '\\&.');
}
