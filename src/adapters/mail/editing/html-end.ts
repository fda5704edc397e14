/**
 * Whether HTML hides what would follow it: by a comment, a tag or a script that is left open (HTML Living Standard 13.2.5), or by styles.
 *
 * One pass over the text, with no tree of it. In doubt it hides: then nothing is put behind it. So styles do, whatever they say and wherever they
 * stand: there are too many ways to hide by them, and what reporters write has none.
 */

/** What is in them is not read as HTML up to their end tag. */
const RAW = new Set(['iframe', 'noembed', 'noframes', 'noscript', 'script', 'style', 'textarea', 'title', 'xmp']);
/** What is in them is not shown, or only sometimes. */
const HIDING = new Set(['audio', 'canvas', 'datalist', 'details', 'dialog', 'frameset', 'marquee', 'math', 'meter']);
for (const name of ['object', 'progress', 'rp', 'select', 'svg', 'template', 'video']) HIDING.add(name);
/** They bring styles for all of it. */
const STYLING = new Set(['link', 'style']);
/** In the text of a tag. */
const HIDING_ATTRIBUTE = /[\s/"'](?:style\s*=|(?:hidden|popover)[\s/=>])/i;
const NAME = /<(\/?)([a-z][^\s/>]*)/iy;
const BLANK = /\s/;

export function hidesWhatFollows(html: string): boolean {
  const open = new Map<string, number>();
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    const markup = markupAt(html, at);
    if (markup.end === undefined) return true;
    const { name, isEnd } = markup;
    if (name !== '' && (STYLING.has(name) || HIDING_ATTRIBUTE.test(html.slice(at, markup.end)))) return true;
    at = markup.end;
    if (HIDING.has(name)) open.set(name, Math.max((open.get(name) ?? 0) + (isEnd ? -1 : 1), 0));
    if (isEnd || !RAW.has(name)) continue;
    const end = endOfRaw(html, name, at);
    if (end === undefined) return true;
    at = end;
  }
  return [...open.values()].some((count) => count > 0);
}

interface Markup {
  /** Behind it; undefined for what does not end. */
  readonly end: number | undefined;
  /** Of a tag, in lower case; empty for anything else. */
  readonly name: string;
  readonly isEnd: boolean;
}

function markupAt(html: string, at: number): Markup {
  NAME.lastIndex = at;
  const [tag, slash, name = ''] = NAME.exec(html) ?? [];
  if (tag === undefined) return { end: endOfOther(html, at), name: '', isEnd: false };
  const lower = name.toLowerCase();
  return {
    end: lower === 'plaintext' ? undefined : endOfTag(html, at + tag.length),
    name: lower,
    isEnd: slash === '/',
  };
}

/** Of a comment, of what passes for one, or of a sign that stands for itself. CDATA is for SVG alone: nobody writes that in a mail. */
function endOfOther(html: string, at: number): number | undefined {
  if (html.startsWith('<!--', at)) return endOfComment(html, at);
  if (html.startsWith('<![CDATA[', at)) return undefined;
  return ['!', '/', '?'].includes(html[at + 1] ?? '') ? behind(html, '>', at) : at + 1;
}

/** Its end may be within its beginning, but for the longer one. */
function endOfComment(html: string, at: number): number | undefined {
  const ending = /--!?>/g;
  ending.lastIndex = at + (html.startsWith('--!>', at + 2) ? 4 : 2);
  const found = ending.exec(html);
  return found ? found.index + found[0].length : undefined;
}

function behind(html: string, text: string, from: number): number | undefined {
  const at = html.indexOf(text, from);
  return at < 0 ? undefined : at + text.length;
}

/** From behind the name on. A quote begins a value only behind the equals sign of an attribute that has a name. */
function endOfTag(html: string, from: number): number | undefined {
  let hasName = false;
  for (let at = from; at < html.length; at += 1) {
    const sign = html[at] ?? '';
    if (sign === '>') return at + 1;
    if (sign === '=' && hasName) {
      const end = endOfValue(html, at + 1);
      if (end === undefined) return undefined;
      at = end - 1;
      hasName = false;
    } else if (sign === '/') hasName = false;
    else if (!BLANK.test(sign)) hasName = true;
  }
  return undefined;
}

const [BLANKS, UNQUOTED] = [/\s*/y, /[^\s>]*/y];

function endOfValue(html: string, from: number): number | undefined {
  const start = from + matchAt(BLANKS, html, from);
  const sign = html[start] ?? '';
  return sign === '"' || sign === "'" ? behind(html, sign, start + 1) : start + matchAt(UNQUOTED, html, start);
}

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

/** Where its end tag is. In a script a comment can hold another script, whose end tag is not that of the first: nobody writes that in a mail. */
function endOfRaw(html: string, name: string, from: number): number | undefined {
  const ending = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  ending.lastIndex = from;
  const at = ending.exec(html)?.index;
  const isTwisted = name === 'script' && at !== undefined && html.slice(from, at).includes('<!--');
  return isTwisted ? undefined : at;
}
