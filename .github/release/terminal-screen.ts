/** Text on one line with one look; `colour` is the number of an SGR colour, 31 to 36. */
export type Span = { column: number; text: string; bold: boolean; dim: boolean; colour: number | undefined };

type Look = Pick<Span, 'bold' | 'dim' | 'colour'>;
type Cell = { readonly character: string; readonly look: Look };

const plain: Look = { bold: false, dim: false, colour: undefined };

/** The parts of a terminal that the importer uses: line ends, cursor up, erasing, colours. It never scrolls. */
export class TerminalScreen {
  readonly #lines: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #look = plain;
  #unread = '';

  write(text: string): void {
    const all = this.#unread + text;
    const cut = /\x1b(?:\[[?\d;]*)?$/.exec(all)?.index ?? all.length;
    this.#unread = all.slice(cut);
    for (const [character, argument = '', command] of all.slice(0, cut).matchAll(/\x1b\[([?\d;]*)([A-Za-z])|./gsu)) {
      if (command === undefined) this.#put(character);
      else this.#obey(command, argument);
    }
  }

  /** The spans of each line, down to the last line that is not empty. */
  lines(): Span[][] {
    const lines = this.#lines.map(spansOf);
    while (lines.at(-1)?.length === 0) lines.pop();
    return lines;
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#moveTo(this.#row + 1);
    else {
      const line = this.#lines[this.#row]!;
      while (line.length < this.#column) line.push({ character: ' ', look: plain });
      line[this.#column++] = { character, look: this.#look };
    }
  }

  #obey(command: string, argument: string): void {
    const count = Number(argument) || 1;
    if (command === 'A') this.#moveTo(Math.max(0, this.#row - count));
    else if (command === 'K') this.#lines[this.#row]!.length = Math.min(this.#lines[this.#row]!.length, this.#column);
    else if (command === 'J') {
      this.#lines.length = this.#row + 1;
      this.#obey('K', '');
    } else if (command === 'm')
      for (const code of argument.split(';')) this.#look = lookAfter(this.#look, Number(code));
    else if (!argument.startsWith('?')) throw new Error(`the screen does not know ESC [ ${argument}${command}`);
  }

  #moveTo(row: number): void {
    while (this.#lines.length <= row) this.#lines.push([]);
    this.#row = row;
  }
}

function lookAfter(look: Look, code: number): Look {
  if (code === 0) return plain;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  return { ...look, colour: code };
}

function spansOf(line: readonly Cell[]): Span[] {
  const spans: Span[] = [];
  for (const [column, { character, look }] of line.entries()) {
    const last = spans.at(-1);
    const isSame =
      last !== undefined && last.bold === look.bold && last.dim === look.dim && last.colour === look.colour;
    if (isSame) last.text += character;
    else spans.push({ ...look, column, text: character });
  }
  return spans.filter(({ text }) => text.trim() !== '');
}
