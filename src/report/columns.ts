/** Lines no longer than `columns` where the words allow it, the later ones indented by `indent` blanks. */
export function wrapWords(words: readonly string[], columns: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > columns - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** `  label        text`: the labels of a page stand in one column. */
export function labelled(label: string, text: string): string {
  return `  ${label.padEnd(labelColumns)}${text}`;
}

/** Blanks and label before a labelled text. */
export const labelIndent = 15;
const labelColumns = labelIndent - 2;
