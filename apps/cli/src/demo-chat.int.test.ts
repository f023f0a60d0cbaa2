/** The gate from both sides, with the demo's own chat: a plan from a template, a hard cap, the product until it stops, the reason there and the decision in the console, the cap raised, and on. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@outlay/platform/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromiumPath, launchChromium, signIn } from './bench/console-browser';
import { CONSOLE_DIR } from './places';
import { buildCli, type CliProcess, spawnCli, stopCli } from './testing/cli-process';

const missing = findChromiumPath() === undefined ? 'no chromium on this machine' : undefined;

describe.skipIf(missing !== undefined)(`a plan and a cap, met by the demo's chat${missing === undefined ? '' : ` (${missing})`}`, () => {
  let folder: string;
  let demo: CliProcess;
  let browser: Browser;
  let console_: Page;
  let chat: Page;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    if (!existsSync(join(CONSOLE_DIR, 'index.html'))) throw new Error('apps/console/dist is missing: build first, "npm test" does.');
    buildCli();
    folder = await mkdtemp(join(tmpdir(), 'outlay-chat-'));
    demo = spawnCli(['demo', '--chat', '0'], { TMPDIR: folder });
    const [, chatUrl] = await demo.waitFor(/^The chat is at (http:\/\/localhost:\d+)/m, 120_000);
    const [, url] = await demo.waitFor(/^ {2}open +(http:\/\/localhost:\d+)$/m);
    const [, email] = await demo.waitFor(/^ {2}e-mail +(\S+)$/m);
    const [, password] = await demo.waitFor(/^ {2}password +(\S+)$/m);
    browser = await launchChromium();
    const open = async (baseURL: string): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, baseURL, reducedMotion: 'reduce' });
      context.setDefaultTimeout(30_000);
      contexts.push(context);
      return await context.newPage();
    };
    [console_, chat] = [await open(url!), await open(chatUrl!)];
    await signIn(contexts[0]!, { url: url!, email: email!, password: password! });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    if (demo) await stopCli(demo, 'SIGINT');
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function ask(text: string): Promise<void> {
    await chat.getByLabel('Your message').fill(text);
    await chat.getByRole('button', { name: 'Send' }).click();
  }

  /** An answer has come, and the next one may be asked for. */
  async function answered(count: number): Promise<void> {
    await chat.locator('.bubble.assistant:not(.waiting)').nth(count - 1).waitFor();
    await chat.getByRole('button', { name: 'Send' }).waitFor();
  }

  it('stops where the cap says, is read on both sides, and goes on when it is raised', { timeout: 240_000 }, async () => {
    await console_.goto('/plans');
    await console_.getByRole('button', { name: 'New plan' }).click();
    const plan = console_.getByRole('dialog', { name: 'New plan' });
    await plan.getByLabel('Begin with').selectOption('pay_as_you_go');
    await plan.getByLabel('Name').fill('Per answer');
    await plan.getByRole('button', { name: 'Create the draft' }).click();
    await console_.waitForURL(/\/plans\/per_answer/);
    await console_.getByRole('button', { name: 'Publish' }).click();
    await console_.getByRole('dialog', { name: 'Publish Per answer' }).getByRole('button', { name: 'Publish now' }).click();
    await console_.getByRole('dialog', { name: 'Publish Per answer' }).waitFor({ state: 'hidden' });
    await console_.getByRole('button', { name: 'More', exact: true }).click();
    await console_.getByRole('menuitem', { name: 'Make it the default' }).click();
    await console_.getByRole('dialog').getByRole('button', { name: 'Make it the default' }).click();
    await console_.getByText('New customers come to this plan').waitFor();

    await console_.goto('/caps');
    await console_.getByRole('button', { name: 'Add a cap' }).click();
    const cap = console_.getByRole('dialog', { name: 'Add a cap' });
    await cap.getByLabel('Only this one').fill('fabrikam');
    await cap.getByLabel('What is counted').selectOption('calls');
    await cap.getByLabel('At most').fill('2');
    await cap.getByRole('radio', { name: /^Hard/ }).check();
    await cap.getByLabel('Name').fill('Two answers');
    await cap.getByRole('button', { name: 'Add the cap' }).click();
    await console_.getByTestId('cap-row').getByText('Two answers').waitFor();

    await chat.goto('/');
    // Another customer is another chat: what is typed before it is there is gone with the old one.
    await Promise.all([chat.waitForResponse(/\/api\/session$/), chat.locator('select').selectOption('fabrikam')]);
    await until('the other customer', async () => (await chat.locator('select').inputValue()) === 'fabrikam');
    for (const n of [1, 2]) {
      await ask(`What does clause ${n} say?`);
      await answered(n);
    }
    await ask('And clause 3?');
    const reason = await chat.getByTestId('reason').innerText();
    expect(reason).toContain('hard_cap_reached');
    const requestId = reason.split(' · ')[1]!;

    await console_.goto(`/gate/decisions?requestId=${requestId}`);
    await console_.getByTestId('decision-row').getByRole('button').click();
    const decision = console_.getByTestId('decision');
    await decision.getByText('stopped it').waitFor();
    await decision.getByText('the same, by rule').waitFor();
    await decision.getByText('Two answers').first().waitFor();
    await console_.keyboard.press('Escape');

    await console_.goto('/caps');
    await console_.getByRole('button', { name: 'More about Two answers' }).click();
    await console_.getByRole('menuitem', { name: 'Change' }).click();
    const change = console_.getByRole('dialog', { name: 'Change Two answers' });
    await change.getByLabel('At most').fill('20');
    await change.getByRole('button', { name: 'Save' }).click();
    await change.waitFor({ state: 'hidden' });

    await ask('Once more: clause 3?');
    await answered(3);
    expect(await chat.getByTestId('reason').count()).toBe(0);
  });
});
