import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, raw, scriptJson } from '../../../src/report/page/charted-page.ts';

test('what comes from outside is text, what is HTML stays HTML, and what is not there is nothing', () => {
  const rows = ['<b>', 'a&b'].map((name) => html`<td title="${name}">${name}</td>`);
  expect(html`<tr>${rows}${undefined}${7}${raw('<hr>')}</tr>`.html).toBe(
    '<tr><td title="&lt;b&gt;">&lt;b&gt;</td><td title="a&amp;b">a&amp;b</td>7<hr></tr>',
  );
});

test('no text ends its element or its attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const page = html`<p title="${text}">${text}</p>`.html;
      expect(page.match(/[<>"]/g)).toEqual(['<', '"', '"', '>', '<', '>']);
    }),
  );
});

test('JSON in a script element is the same JSON, and ends neither the element nor the line', () => {
  const value = { name: '</script><!--\u2028', figures: [1, null] };
  const { html: text } = scriptJson(value);
  expect(text).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(value);
});
