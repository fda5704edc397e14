/**
 * The pages as people see them: in Chromium, at the sizes of a phone and of a desktop, light and dark, without JavaScript, by keyboard, and with
 * what axe knows of screen readers. With TLSRPT_SCREENSHOTS set it makes those of docs/.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startBrowser } from '#test/support/browser.ts';
import { has } from '#test/support/real-parts.ts';
import { makeShownState, showState } from '#test/support/shown-state.ts';
import type { ShownServer } from '#test/support/shown-state.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));

const PAGES = [
  ['today', '/'],
  ['seen', '/seen'],
  ['domain', '/domain?name=partner.example'],
  ['delivered', '/delivered'],
  ['report', '/report?id=2026-11-19-gone.example%40sender.example'],
  ['heard', '/heard'],
  ['search', '/search?q=partner'],
] as const;
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1_400, height: 900 };
const LONG_PHONE = { width: 360, height: 1_100 };
const SHOTS = [
  ['today', '/', DESKTOP, 'light'],
  ['today-phone', '/', LONG_PHONE, 'dark'],
  ['seen', '/seen', DESKTOP, 'light'],
  ['domain-phone', '/domain?name=partner.example', LONG_PHONE, 'light'],
  ['delivered', '/delivered', DESKTOP, 'dark'],
  ['heard', '/heard', DESKTOP, 'light'],
] as const;

describe.runIf(has('chromium'))('The pages in a browser', () => {
  let browser: Browser;
  let shown: ShownServer;
  const root = mkdtempSync(join(tmpdir(), 'tlsrpt-page-'));
  beforeAll(async () => {
    browser = await startBrowser();
    shown = await showState(await makeShownState(root));
  });
  afterAll(async () => {
    await browser.close();
    await shown.stop();
    rmSync(root, { recursive: true, force: true });
  });

  async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(shown.url + path);
    return page;
  }

  for (const [size, viewport] of [
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ] as const)
    for (const colorScheme of ['light', 'dark'] as const)
      it.each(PAGES)(`%s is accessible and fits a ${size}, ${colorScheme}`, async (_name, path) => {
        const page = await visit(path, { viewport, colorScheme });
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
      });

  it.each(PAGES)(
    '%s loads nothing but itself and the stylesheet, and says nothing to the console',
    async (_name, path) => {
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const [asked, said]: [string[], string[]] = [[], []];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      page.on('console', (message) => said.push(message.text()));
      await page.goto(shown.url + path);
      expect(asked.filter((each) => each !== '/favicon.ico')).toEqual([
        new URL(shown.url + path).pathname,
        '/style.css',
      ]);
      expect(said.filter((each) => !each.includes('404'))).toEqual([]);
      expect(await page.locator('script').count()).toBe(0);
    },
  );

  it('can be gone through by keyboard alone, without JavaScript', async () => {
    const page = await visit('/', { javaScriptEnabled: false });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter'); // to the content, past the navigation
    expect(page.url()).toMatch(/#main$/);
    await page.keyboard.press('Shift+Tab');
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Shift+Tab');
      if ((await page.locator('a:focus').allTextContents())[0] === 'What we saw') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/seen');
    await page.locator('#days').focus();
    await page.keyboard.type('7');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Show' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**days=7**');
    await page.getByRole('link', { name: 'partner.example' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/domain?name=partner.example**');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('partner.example');
    await page.getByRole('searchbox').focus();
    await page.keyboard.type('customer');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?q=customer');
    expect(await page.getByRole('link', { name: 'customer.example', exact: true }).count()).toBe(1);
  });

  it.each(SHOTS)('%s looks as in docs/, as far as its size tells', async (name, path, viewport, colorScheme) => {
    const page = await visit(path, { viewport, colorScheme });
    const shot = await page.screenshot({ clip: { x: 0, y: 0, ...viewport }, fullPage: true });
    const file = `${SCREENSHOTS}${name}.png`;
    if (process.env['TLSRPT_SCREENSHOTS'] !== undefined) writeFileSync(file, shot);
    expect(sizeOf(shot)).toEqual(sizeOf(readFileSync(file)));
  });

  it('tells a screen reader what a plot shows', async () => {
    const page = await visit('/seen?days=7');
    const plot = page.getByRole('img', { name: /^Failures per day, by result type, 2026-11-14 to 2026-11-20: \d/ });
    expect(await plot.count()).toBe(1);
    await page.getByText('Failures per day, by result type: the numbers').click();
    expect(await page.getByRole('table', { name: 'Failures per day, by result type' }).getByRole('row').count()).toBe(
      8,
    );
  });
});

/** Of a PNG. */
function sizeOf(png: Buffer): [width: number, height: number] {
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

/** As axe names them, with where they are. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results: AxeResults = await page.evaluate('axe.run()');
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
