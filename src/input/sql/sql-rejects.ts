import { characterSet } from '../mysql/characters/character-sets.ts';
import type { SqlSettings } from './sql.ts';

/** Begins a file of rows that this importer listed, so that it is not taken for a dump that was cut short. */
const listedRows = '-- Rows listed by import-tokens\n';
const comma = 0x2c;
const semicolon = 0x3b;

/** Whether a file begins as `listedHeader` makes it. */
export function isListedRows(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, listedRows.length) === listedRows;
}

/** What rows in a file of their own begin with: the same session as that of the dump. */
export function listedHeader({ characterSet: set, timeZone }: SqlSettings): Uint8Array {
  const names = set === undefined ? '' : `/*!40101 SET NAMES ${set} */;\n`;
  const zone = timeZone === undefined ? '' : `/*!40103 SET TIME_ZONE='${timeZone.replaceAll("'", "''")}' */;\n`;
  return Buffer.from(listedRows + names + zone);
}

/** Makes an INSERT statement of its own from a tuple with its separator, as the source has them. */
export function listedRow(settings: SqlSettings): (bytes: Uint8Array) => readonly Uint8Array[] {
  const { table, columns } = settings;
  const list = columns.length === 0 ? '' : ` (${columns.map(({ name }) => quoted(name)).join(',')})`;
  const head = encoded(`INSERT INTO ${quoted(table.name)}${list} VALUES `, settings.characterSet);
  const end = Buffer.from(';\n');
  return (bytes) => [head, bytes.subarray(0, tupleEnd(bytes)), end];
}

/** Without the comma or semicolon and the blanks that follow it. */
function tupleEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1]! <= 0x20) end--;
  return bytes[end - 1] === comma || bytes[end - 1] === semicolon ? end - 1 : end;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** In the dump's own set, which is what SET NAMES makes the server read names in too. */
function encoded(text: string, name = 'utf8mb4'): Buffer {
  const set = characterSet(name);
  if (set === undefined || !('decode' in set)) return Buffer.from(text);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [set.decode(Buffer.of(byte)), byte]));
  return Buffer.from(Array.from(text, (character) => bytes.get(character) ?? 0x3f));
}
