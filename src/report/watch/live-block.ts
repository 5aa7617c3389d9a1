import type { Clock } from '../../ports/clock.ts';
import { widthOf } from '../page.ts';

/** Lines at the foot of a terminal, redrawn in place. */
export type LiveBlock = {
  /** Writes text, which ends with a line break, above the lines. */
  above(text: string): void;
  /** Takes the lines away for good. */
  close(): void;
};

type LiveBlockOptions = {
  readonly clock: Clock;
  /** What the lines say now, none wider than `columns`. */
  readonly lines: (columns: number) => readonly string[];
  readonly write: (text: string) => void;
  /** Size of the terminal, asked anew for each redraw. */
  readonly columns: () => number;
  readonly rows: () => number;
};

const redrawMs = 250;
const eraseToEndOfLine = '\u001b[K';
const eraseBelow = '\u001b[J';

/** Draws the lines four times a second, each time with one write, so that nothing flickers. */
export function drawLive({ clock, lines, write, columns, rows }: LiveBlockOptions): LiveBlock {
  let drawn: readonly string[] = [];
  let drawnColumns = 0;
  let cancel = clock.setTimer(redrawMs, redraw);

  function redraw(): void {
    // A terminal that has wrapped a line remembers it until the line is erased as a whole.
    const erased = drawnColumns === columns() ? '' : eraseBelow;
    write(`${toFirstLine()}${erased}${block()}`);
    cancel = clock.setTimer(redrawMs, redraw);
  }

  /** The last column stays free, since some terminals wrap on writing it, and a row for what comes next. */
  function block(): string {
    drawnColumns = columns();
    drawn = lines(drawnColumns - 1).slice(0, Math.max(1, rows() - 1));
    return drawn.join(`${eraseToEndOfLine}\n`) + eraseToEndOfLine + eraseBelow;
  }

  /** Where the terminal has become narrower, what stands there takes more rows than it has lines. */
  function toFirstLine(): string {
    const width = Math.max(1, columns());
    const rowsTaken = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0);
    return rowsTaken > 1 ? `\r\u001b[${rowsTaken - 1}A` : '\r';
  }

  return {
    above(text) {
      const isShown = drawn.length > 0;
      write(isShown ? `${toFirstLine()}${eraseBelow}${text}${block()}` : text);
    },
    close() {
      cancel();
      if (drawn.length > 0) write(`${toFirstLine()}${eraseBelow}`);
      drawn = [];
    },
  };
}
