/**
 * What is around every page: the head, the ways to the others, and how new it all is.
 */
import type { Answer } from '#web/route.ts';
import { plural, time } from './elements.ts';
import { html } from './html.ts';
import type { Html, HtmlValue } from './html.ts';
import type { StateView } from './state-memory.ts';

/** Nothing but the stylesheet is loaded, and forms lead nowhere else. */
const POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HTML_TYPE = 'text/html; charset=utf-8';

const PAGES = [
  ['/', 'Today'],
  ['/seen', 'What we saw'],
  ['/delivered', 'Delivered'],
  ['/heard', 'What others saw of us'],
] as const;

export interface Page {
  readonly title: string;
  /** Of the page in the navigation that it belongs to. */
  readonly path?: (typeof PAGES)[number][0] | undefined;
  readonly status?: number;
  /** What was searched for. */
  readonly sought?: string;
  readonly body: Html;
}

export function framed({ title, path, status = 200, sought = '', body }: Page, view: StateView): Answer {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - tlsrpt</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <nav aria-label="Pages">
            <ul>
              ${PAGES.map(([to, name]) =>
                to === path
                  ? html`<li><a href="${to}" aria-current="page">${name}</a></li>`
                  : html`<li><a href="${to}">${name}</a></li>`,
              )}
            </ul>
          </nav>
          <form method="get" action="/search" role="search">
            <label for="q">Search</label>
            <input id="q" name="q" type="search" maxlength="300" value="${sought}" placeholder="domain, report-id" />
            <button>Find</button>
          </form>
        </header>
        <main id="main" tabindex="-1">
          <h1>${title}</h1>
          ${unreadNotice(view)} ${body}
        </main>
        <footer>
          <p>${newness(view)} Days are UTC days. A session counts for each of its policies.</p>
        </footer>
      </body>
    </html> `;
  return { status, contentType: HTML_TYPE, text: page.toString(), headers: { 'Content-Security-Policy': POLICY } };
}

function unreadNotice({ lookedMs, unread }: StateView): HtmlValue {
  if (lookedMs !== undefined && unread === 0) return undefined;
  const what = lookedMs === undefined ? 'all' : plural(unread, 'day');
  return html`<p class="bad">Still to be read, the newest first: ${what}. Look again in a moment.</p>`;
}

function newness({ lookedMs, problems }: StateView): Html {
  if (lookedMs === undefined) return html``;
  const troubles = problems.map(({ code, message }) => html`<span class="bad">${code}: ${message}</span> `);
  return html`As of ${time(lookedMs)}. ${troubles}`;
}
