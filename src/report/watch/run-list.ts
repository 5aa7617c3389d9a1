import { formatCount, printable } from '../format.ts';
import { pageOf, wrapWords } from '../page.ts';

/** One line of the list of runs. */
export type RunEntry = {
  readonly kind: 'import' | 'convert' | 'verify';
  readonly runDir: string;
  /** As a command names it from where it is given. */
  readonly name: string;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly sources: readonly string[];
  readonly table: string;
  readonly state: 'running' | 'ended' | 'stopped';
  /** Of an import that ended: its outcome. */
  readonly outcome?: string;
  /** Rows done. */
  readonly rows?: number;
  /** The command that restores capacity that is still raised. */
  readonly restoreCommand?: string;
};

/** The runs in columns, the newest first; capacity that is still raised goes before them. Ends with a line break. */
export function runListText(entries: readonly RunEntry[], folder: string, columns = Infinity): string {
  const raised = entries.flatMap(({ name, restoreCommand, state }) =>
    restoreCommand === undefined || state === 'running'
      ? []
      : [
          wrapWords(
            `The capacity that ${printable(name)} raised is STILL RAISED. To restore it:`.split(' '),
            columns,
            2,
          ),
          `  ${restoreCommand}`,
        ],
  );
  if (entries.length === 0) return pageOf([`No runs in ${printable(folder)}.`]);
  const rows = [headings, ...entries.map(cellsOf)];
  const widths = headings.map((_, place) => Math.max(...rows.map((cells) => cells[place]!.length)));
  const lines = rows.map((cells) => {
    const [name = '', ...others] = cells
      .map((cell, place) => (place === rowsPlace ? cell.padStart(widths[place]!) : cell.padEnd(widths[place]!)))
      .reverse();
    return { figures: others.reverse().join('  '), name: name.trimEnd() };
  });
  // The name is not cut, as it is there to be copied: if it does not fit, it has a line of its own.
  const fits = lines.every(({ figures, name }) => figures.length + 2 + name.length <= columns);
  return pageOf([
    ...raised,
    ...lines.map(({ figures, name }) => (fits ? `${figures}  ${name}` : `${figures.trimEnd()}\n  ${name}`)),
  ]);
}

const headings = ['started (UTC)', 'state', 'rows', 'table', 'source', 'run'];
const rowsPlace = 2;
const widestCell = 18;

function cellsOf({ kind, name, startedAt, sources, table, state, outcome, rows }: RunEntry): readonly string[] {
  const [first = '', ...others] = sources;
  const source = `${first.split('/').at(-1)}${others.length === 0 ? '' : ` +${others.length}`}`;
  return [
    startedAt.slice(0, 16).replace('T', ' '),
    `${kind === 'verify' ? 'verify ' : ''}${stateText(state, outcome)}`,
    rows === undefined ? '' : formatCount(rows),
    cut(table),
    cut(source),
    printable(name),
  ];
}

function stateText(state: RunEntry['state'], outcome: string | undefined): string {
  if (state !== 'ended' || outcome === undefined) return state;
  return outcome === 'completed-with-rejects' ? 'with rejects' : outcome.replaceAll('-', ' ');
}

function cut(text: string): string {
  const shown = printable(text);
  return shown.length > widestCell ? `${shown.slice(0, widestCell - 1)}…` : shown;
}
