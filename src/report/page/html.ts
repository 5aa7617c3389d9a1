/** A piece of HTML, in which all that came from outside is escaped. */
export type Html = { readonly html: string };

type Content = Html | string | number | undefined | readonly Content[];

/** `html\`<p>${text}</p>\``: every value but pieces of HTML is text, in an element or between double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { html: strings.reduce((page, text, i) => page + rendered(values[i - 1]) + text) };
}

/** HTML of our own making, as it stands. */
export function raw(text: string): Html {
  return { html: text };
}

/** JSON for a script element: no text in it can end the element. */
export function scriptJson(value: unknown): Html {
  return raw(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => unicodeEscape(character)));
}

function rendered(value: Content): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'html' in value ? value.html : value.map(rendered).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
