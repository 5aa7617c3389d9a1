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

/** A labelled text of as many lines as it takes. */
export function wrappedText(label: string, text: string, columns: number): string {
  return labelled(label, wrapWords(text.split(' '), columns, labelIndent));
}

/** How wide a page is: what the terminal shows, but no wider than one reads, and no narrower than makes sense. */
export function pageColumns(output: { readonly isTerminal: boolean; columns(): number }): number {
  return output.isTerminal ? Math.min(widestPage, Math.max(narrowestPage, output.columns())) : widestPage;
}

/** For a page of figures, which only a terminal makes narrower: undefined where there is none. */
export function terminalColumns(output: { readonly isTerminal: boolean; columns(): number }): number | undefined {
  return output.isTerminal ? Math.max(narrowestPage, output.columns()) : undefined;
}

export const widestPage = 110;
const narrowestPage = 40;
/** Blanks and label before a labelled text. */
export const labelIndent = 15;
const labelColumns = labelIndent - 2;
