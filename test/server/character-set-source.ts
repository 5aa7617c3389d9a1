import type { SqlServer } from '../support/sql-server.ts';

/** By name of the set: the code point of each of its 256 bytes; undefined for a byte without a character. */
export type ServerCharacterSets = ReadonlyMap<string, readonly (number | undefined)[]>;

/** What a conversion returns for a character that does not exist. */
const replacements: readonly number[] = [0x3f, 0xff_fd];

/** Every single-byte set of the server, except `binary`. */
export function readCharacterSets(server: SqlServer): ServerCharacterSets {
  const select =
    "SELECT character_set_name FROM information_schema.character_sets WHERE maxlen = 1 AND character_set_name <> 'binary'";
  const names = lines(server.query(`${select} ORDER BY 1`, '--skip-column-names'));
  return new Map(names.map((name) => [name, readSet(server, name)]));
}

function readSet(server: SqlServer, name: string): (number | undefined)[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const character = (byte: number) => `CONVERT(X'${byte.toString(16).padStart(2, '0')}' USING ${name})`;
  const selects = bytes.map((byte) => `SELECT HEX(CONVERT(CONVERT(${character(byte)} USING utf8mb4) USING utf32))`);
  const points = lines(server.query(selects.join(' UNION ALL '), '--skip-column-names')).map((hex) =>
    parseInt(hex, 16),
  );
  return points.map((point, byte) => (point !== byte && replacements.includes(point) ? undefined : point));
}

/** The text of src/input/mysql/characters/character-set-tables.ts. */
export function characterSetTablesSource(sets: ServerCharacterSets): string {
  const tables = [...sets]
    .filter(([name]) => name !== 'ascii')
    .map(([name, points]) => `  ${name}: \`${table(points)}\`,\n`);
  return `/**
 * The code point of each byte from 0x80 on, or of every byte, in hexadecimal, 16 in a line; ---- is a byte without a
 * character. Generated from a server: run \`vitest -u\` on test/server/character-sets.test.ts, do not edit.
 */
export const characterSetTables: Readonly<Record<string, string>> = {
${tables.join('')}};
`;
}

function table(points: readonly (number | undefined)[]): string {
  const isAsciiBelow = points.slice(0, 128).every((point, byte) => point === byte);
  const codes = points.slice(isAsciiBelow ? 128 : 0).map((point) => point?.toString(16).padStart(4, '0') ?? '----');
  const rows = Array.from({ length: codes.length / 16 }, (_, row) => codes.slice(16 * row, 16 * row + 16).join(' '));
  return `\n    ${rows.join('\n    ')}`;
}

function lines(output: Buffer): string[] {
  return output.toString().trim().split('\n');
}
