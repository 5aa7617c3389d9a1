/** What `mysql --batch` writes after a backslash. */
const batchMeanings: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' };
const letterOrDigit = /[A-Za-z0-9]/;

/** The field without its escapes; undefined if it has one that its writer does not write. */
export function unescaped(raw: string, escapedBy: string, batch: boolean): string | undefined {
  let text = '';
  let from = 0;
  for (let at = raw.indexOf(escapedBy); at !== -1; at = raw.indexOf(escapedBy, from)) {
    const meaning = batch ? batchMeanings[raw[at + 1] ?? ''] : serverMeaning(raw[at + 1]);
    if (meaning === undefined) return undefined;
    text += raw.slice(from, at) + meaning;
    from = at + 2;
  }
  return text + raw.slice(from);
}

/** What the server means by a byte after the escape; undefined where it writes no escape before that byte. */
function serverMeaning(byte: string | undefined): string | undefined {
  if (byte === '0') return '\0';
  return byte === undefined || letterOrDigit.test(byte) ? undefined : byte;
}

export function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}

/** First place from `from` on where `what` stands without an escape before it; the text's length where there is none. */
export function unescapedIndex(text: string, what: string, from: number, escapedBy: string): number {
  for (let at = text.indexOf(what, from); at !== -1; at = text.indexOf(what, at + 1)) {
    let first = at;
    while (first > from && text[first - 1] === escapedBy) first--;
    if ((at - first) % 2 === 0) return at;
  }
  return text.length;
}
