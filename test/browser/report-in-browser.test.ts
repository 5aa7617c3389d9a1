import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportPage } from '../../src/report/page/report-page.ts';
import { shardsPage } from '../../src/report/page/shards-page.ts';
import { hostileName, nightReport } from '../report/night-report.ts';
import { nightHistories, nightShards } from '../report/night-shards.ts';
import { workDir } from '../support/work-dir.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const thorough = process.env['IMPORT_TOKENS_THOROUGH'] === '1';
if (thorough && executablePath === undefined)
  console.info('no Chromium here: the report was not opened (apt-get install chromium)');
/** Where to leave pictures, for somebody to look at. */
const pictures = process.env['IMPORT_TOKENS_PICTURES'];

type Opened = { readonly page: Page; readonly faults: string[]; readonly requests: string[] };

describe.skipIf(!thorough || executablePath === undefined)('the report in a browser', () => {
  let browser: Browser;
  const dir = workDir({ keep: true });
  const url = pathToFileURL(dir.write('report.html', reportPage(nightReport()))).href;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await dir.remove();
  });

  async function open(options: Parameters<Browser['newPage']>[0], address = url): Promise<Opened> {
    const page = await browser.newPage(options);
    const opened = { page, faults: [] as string[], requests: [] as string[] };
    page.on('console', (message) => opened.faults.push(message.text()));
    page.on('pageerror', (error) => opened.faults.push(error.message));
    page.on('request', (request) => opened.requests.push(request.url()));
    await page.goto(address);
    return opened;
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  test.each([
    ['desktop', { width: 1280, height: 900 }, 'light'],
    ['dark', { width: 1280, height: 900 }, 'dark'],
    ['phone', { width: 390, height: 844 }, 'light'],
  ] as const)(
    'on %s no error is told, nothing is loaded, nothing is wider than the screen, and every chart has ink',
    async (name, viewport, colorScheme) => {
      const { page, faults, requests } = await open({ viewport, colorScheme, deviceScaleFactor: 2 });
      await picture(page, name);
      expect(faults).toEqual([]);
      expect(requests).toEqual([url]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      const inked = (await page.evaluate(inkOfCharts)) as number[];
      expect(inked).toHaveLength(7);
      for (const share of inked) expect(share).toBeGreaterThan(0.01);
      await page.close();
    },
  );

  const screens = [
    ['light', 1280],
    ['dark', 390],
  ] as const;
  test.each([1, 8, 64].flatMap((count) => screens.map((screen) => [count, ...screen] as const)))(
    'the page of %i shards, %s and %i pixels wide, loads nothing, fits the screen, and has curves',
    async (count, colorScheme, width) => {
      const file = dir.write(`shards-${count}.html`, shardsPage(nightShards(count), nightHistories(count)));
      const address = pathToFileURL(file).href;
      const { page, faults, requests } = await open({ viewport: { width, height: 900 }, colorScheme }, address);
      await picture(page, `shards-${count}-${colorScheme}-${width}`);
      expect(faults).toEqual([]);
      expect(requests).toEqual([address]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const inked = (await page.evaluate(inkOfCharts)) as number[];
      expect(inked).toHaveLength(2);
      for (const share of inked) expect(share).toBeGreaterThan(0.01);
      expect(await page.evaluate("document.querySelectorAll('#chart-shards .u-series').length")).toBe(count + 1);
      await page.close();
    },
  );

  test('dark mode is dark, and turns with the system', async () => {
    const { page, faults } = await open({ colorScheme: 'dark' });
    const dark = await brightness(page);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await brightness(page);
    expect(dark.page).toBeLessThan(60);
    expect(light.page).toBeGreaterThan(230);
    // The words of the axes are drawn on the canvas, so that it has to be drawn anew.
    expect(dark.axis).toBeGreaterThan(light.axis);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('on paper it is light, and fits the page', async () => {
    const { page, faults } = await open({ colorScheme: 'dark', viewport: { width: 1280, height: 900 } });
    const pdf = await page.pdf({
      format: 'A4',
      printBackground: true,
      margin: { top: '15mm', bottom: '15mm', left: '15mm', right: '15mm' },
    });
    expect(pdf.length).toBeGreaterThan(20_000);
    await page.emulateMedia({ media: 'print' });
    expect((await brightness(page)).page).toBe(255);
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    expect(await page.evaluate("Math.max(...[...document.querySelectorAll('.uplot')].map(e => e.offsetWidth))")).toBe(
      680,
    );
    await picture(page, 'print');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('names from outside are text and nothing else', async () => {
    const { page } = await open({});
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(await page.evaluate('document.body.innerText')).toContain(hostileName);
    expect(await page.evaluate("document.querySelectorAll('img,iframe,b').length")).toBe(0);
    await page.close();
  });
});

/** For each chart the share of its canvas that is not empty. */
const inkOfCharts = `[...document.querySelectorAll('.uplot canvas')].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) inked++;
  return inked / (data.length / 4);
})`;

/** From 0 to 255: of the page's ground, and of the words on the first axis. */
async function brightness(page: Page): Promise<{ page: number; axis: number }> {
  return (await page.evaluate(`(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    const sum = (rgb) => rgb.reduce((total, part) => total + part, 0) / 3;
    const ground = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number);
    const canvas = document.querySelector('.uplot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width / 20, canvas.height);
    const words = [];
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) words.push(sum([data[i], data[i + 1], data[i + 2]]));
    return { page: sum(ground), axis: words.reduce((total, one) => total + one, 0) / words.length };
  })()`)) as { page: number; axis: number };
}
