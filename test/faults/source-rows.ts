import { planted } from '../support/planted.ts';
import { type Random, randomBelow } from '../support/seeded-random.ts';

/** A row of the source with the item it should become. */
export type SourceRow = {
  readonly token: string;
  readonly user: string;
  readonly quota: string;
  /** Ordinal of the row, so that a test can tell rows with one key apart. */
  readonly seq: number;
};

const columnNames = 'token,user,quota,seq';
/** Types of the columns that are not text. */
export const columnTypes = 'quota=N,seq=N';

const hotKeys = 5;

/** Rows of which 5 % repeat an earlier key: half of these a hot key, half any other. */
export function makeRows(random: Random, count: number): SourceRow[] {
  const tokens: string[] = [];
  return Array.from({ length: count }, (_, seq) => {
    const isRepeated = tokens.length > hotKeys && random() < 0.05;
    const among = random() < 0.5 ? hotKeys : tokens.length;
    const token = isRepeated ? tokens[randomBelow(random, among)]! : `${planted}-${seq.toString(36)}-${random()}`;
    if (!isRepeated) tokens.push(token);
    return {
      token,
      user: `user-${planted} ${randomBelow(random, 1000)}`,
      quota: String(randomBelow(random, 1e6)),
      seq,
    };
  });
}

/** The same rows, some of them broken in one of three ways; `mayBreak` chooses which may be broken. */
export function withBreakage(
  random: Random,
  rows: readonly SourceRow[],
  share: number,
  mayBreak: (row: SourceRow) => boolean = () => true,
): { readonly lines: string[]; readonly broken: ReadonlySet<number> } {
  const broken = new Set<number>();
  const lines = rows.map((row) => {
    if (random() >= share || !mayBreak(row)) return lineOf(row);
    broken.add(row.seq);
    return [
      lineOf({ ...row, quota: `many-${row.quota}` }),
      `${row.token},${row.user}\n`,
      lineOf({ ...row, token: '' }),
    ][randomBelow(random, 3)]!;
  });
  return { lines, broken };
}

export function lineOf({ token, user, quota, seq }: SourceRow): string {
  return `${token},${user},${quota},${seq}\n`;
}

export function csvOf(lines: readonly string[]): string {
  return [`${columnNames}\n`, ...lines].join('');
}

/** What the table should hold: by token, the last row that is not left out. */
export function lastRows(
  rows: readonly SourceRow[],
  leftOut: ReadonlySet<number> = new Set(),
): Record<string, Omit<SourceRow, 'token'>> {
  const last: Record<string, Omit<SourceRow, 'token'>> = {};
  for (const { token, ...rest } of rows) if (!leftOut.has(rest.seq)) last[token] = rest;
  return last;
}
