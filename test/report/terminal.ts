/** A terminal that knows text, carriage return and line feed, and wraps at its width. */
export function terminalOf(width: number): { write(text: string): void; columns(): number; lines(): string[] } {
  const lines: string[][] = [[]];
  let column = 0;
  return {
    columns: () => width,
    write(text) {
      for (const character of text) {
        if (character === '\r') {
          column = 0;
        } else if (character === '\n') {
          lines.push([]);
          column = 0;
        } else {
          if (column === width) {
            lines.push([]);
            column = 0;
          }
          lines.at(-1)![column++] = character;
        }
      }
    },
    lines: () => lines.map((line) => line.join('').trimEnd()),
  };
}
