import { expect, test } from 'vitest';
import { changelog, contributing, pages, proseOf, readme, writtenPages } from './documents.ts';
import { wrongVoice } from './wrong-voice.ts';

const written = [readme, ...writtenPages];

test('the README fits in one sitting', () => {
  expect(readme.text.split('\n').length).toBeLessThanOrEqual(170);
  expect(readme.text.split(/\s+/).length).toBeLessThanOrEqual(1200);
});

test('every page is shorter than 250 lines', () => {
  expect(pages.length).toBeGreaterThanOrEqual(13);
  expect(pages.filter(({ text }) => text.split('\n').length >= 250).map(({ path }) => path)).toEqual([]);
});

test.each(pages)('$path opens with what its reader can do', ({ text }) => {
  expect(text).toMatch(/^# .+\n\nAfter (?:reading )?this page you can /);
});

test('nothing is said twice', () => {
  expect(saidTwice(written.map(({ text }) => text))).toEqual([]);
});

test('what is said twice is found, whatever stands around it', () => {
  const twice = 'Of several rows with the same key the last one that is read wins.';
  expect(saidTwice([`A. ${twice}`, `| x | ${twice} |`])).toHaveLength(1);
  expect(saidTwice([`A. ${twice}`, 'Another sentence, as long as that one, which says a different thing.'])).toEqual(
    [],
  );
});

test.each([...written, contributing, changelog])('$path is written in plain English', ({ text }) => {
  expect(wrongVoice(proseOf(text))).toEqual([]);
});

test.each([
  ['Blank lines are no rows.', 'are no'],
  ['fail unless the source has just so many rows', 'so many'],
  ['the table behind it', 'behind'],
  ['the files beside the dump', 'beside'],
])('the wrong voice is heard in: %s', (text, form) => {
  expect(wrongVoice(text)).toContain(form);
});

/** Runs of nine words and more that stand in two sentences. */
function saidTwice(texts: readonly string[]): string[] {
  const shortest = 9;
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const sentence of texts.flatMap(sentencesOf)) {
    const words = sentence.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? [];
    const runs = words.slice(shortest - 1).map((_, i) => words.slice(i, i + shortest).join(' '));
    if (runs.some((run) => seen.has(run))) twice.push(sentence.trim());
    for (const run of runs) seen.add(run);
  }
  return twice;
}

function sentencesOf(text: string): string[] {
  return proseOf(text)
    .replaceAll(/\]\([^)]*\)/g, '')
    .split(/[.!?:;|](?=\s)|\n\n|\n *(?:[-*]|\d+\.) /);
}
