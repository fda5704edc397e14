/**
 * The Chromium of the system, driven by playwright-core, which brings no browser of its own.
 */
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/** To be closed. */
export function startBrowser(): Promise<Browser> {
  // Tests may run as root, for whom Chromium has no sandbox; what it visits is ours.
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}
