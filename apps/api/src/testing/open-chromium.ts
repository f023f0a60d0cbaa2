/** A real Chromium of the machine, for walks through the console. */
import { spawnSync } from 'node:child_process';
import { chromium, type Browser, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Nothing but the pages under test is talked to. Root needs --no-sandbox. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** The path of a Chromium, or undefined where there is none. */
export function findChromium(): string | undefined {
  const found = spawnSync('sh', ['-c', NAMES.map((name) => `command -v ${name}`).join(' || ')], { encoding: 'utf8' });
  return found.stdout?.trim() || undefined;
}

export async function openChromium(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}

/** What a page complained about: errors in its console, exceptions, and violations of the content security policy. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  // A refused request is an answer that the page shows; Chromium writes each into the console all the same.
  page.on('console', (message) => message.type() === 'error' && !message.text().startsWith('Failed to load resource') && complaints.push(`${page.url()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  return complaints;
}

/** Names what makes a page hard to use: it scrolls sideways, a control has no name, two elements share an id, a picture says nothing. */
export async function findFaults(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const seen = (element: Element): boolean => (element as HTMLElement).checkVisibility({ visibilityProperty: true });
    const nameOf = (element: Element): string => {
      const by = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
      const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent).join(' ');
      return [element.getAttribute('aria-label'), by, labels, element.textContent, element.getAttribute('title')].find((text) => text?.trim())?.trim() ?? '';
    };
    const describe = (element: Element): string => element.outerHTML.slice(0, 120);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    return [
      ...(document.documentElement.scrollWidth > innerWidth ? [`scrolls sideways: ${document.documentElement.scrollWidth} px in ${innerWidth}`] : []),
      ...[...document.querySelectorAll('a[href], button, input, select, textarea, [role="button"], [tabindex="0"]')].filter((element) => seen(element) && nameOf(element) === '')
        .map((element) => `has no name: ${describe(element)}`),
      ...[...document.querySelectorAll('img:not([alt])')].map((element) => `has no text: ${describe(element)}`),
      ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id twice: ${id}`),
      ...(document.querySelectorAll('h1').length === 1 ? [] : [`has ${document.querySelectorAll('h1').length} headings of the first level`]),
      ...(document.documentElement.lang === '' ? ['has no language'] : []),
    ];
  });
}
