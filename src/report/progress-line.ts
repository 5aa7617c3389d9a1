import type { Clock } from '../ports/clock.ts';

/** A line at the foot of a terminal, redrawn in place. */
export type ProgressLine = {
  /** Takes the line away, so that something else can be written; the next redraw brings it back. */
  erase(): void;
  /** Erases it for good. */
  close(): void;
};

export type ProgressLineOptions = {
  readonly clock: Clock;
  /** What the line says now. */
  readonly text: () => string;
  readonly write: (text: string) => void;
  /** Width of the terminal, asked anew for each redraw. */
  readonly columns: () => number;
};

const redrawMs = 250;

/** Draws the line four times a second, the first time after a quarter of a second. */
export function drawProgress({ clock, text, write, columns }: ProgressLineOptions): ProgressLine {
  let drawnColumns = 0;
  let cancel = clock.setTimer(redrawMs, redraw);

  function redraw(): void {
    // The last column stays free: some terminals wrap on writing it.
    const line = text().slice(0, Math.max(0, columns() - 1));
    write(`\r${line.padEnd(Math.min(drawnColumns, columns() - 1))}`);
    drawnColumns = line.length;
    cancel = clock.setTimer(redrawMs, redraw);
  }

  function erase(): void {
    if (drawnColumns > 0) write(`\r${' '.repeat(Math.min(drawnColumns, columns() - 1))}\r`);
    drawnColumns = 0;
  }

  return {
    erase,
    close() {
      cancel();
      erase();
    },
  };
}
