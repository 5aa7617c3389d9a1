import { ImportError } from '../../domain/import-error.ts';
import type { Dialect } from '../framed-rows.ts';
import { characterSet } from '../mysql/characters/character-sets.ts';
import { SqlDecoder } from './sql-decoder.ts';
import { SqlFramer } from './sql-framer.ts';
import { listedRows } from './sql-head.ts';
import type { SqlSettings } from './sql-settings.ts';

/**
 * Rows of one table as INSERT and REPLACE statements. Throws ImportError `source-unsupported` for a character set in which
 * the bytes of a character can look like quotes and escapes.
 */
export function sqlDialect(settings: SqlSettings): Dialect {
  checkCharacterSet(settings.characterSet);
  return {
    name: 'sql',
    header: false,
    skipsByteOrderMark: true,
    keepsCarriageReturns: false,
    rejectExtension: 'sql',
    listedRows: { header: listedHeader(settings), write: listedRow(settings) },
    framer: (fileName, line, resumed = false) => new SqlFramer(settings, fileName, line, resumed),
    decoder: (binary) => new SqlDecoder(settings, binary),
    headerDecoder: () => new SqlDecoder(settings, []),
  };
}

function checkCharacterSet(name = 'utf8mb4'): void {
  const set = characterSet(name);
  if (set !== undefined && set.kind !== 'multi-byte') return;
  const message = `the dump is written in character set ${name} (SET NAMES), which cannot be read`;
  throw new ImportError('source-unsupported', message, { hint: 'Dump it with --default-character-set=utf8mb4.' });
}

const comma = 0x2c;
const semicolon = 0x3b;

/** The beginning of a file of listed rows: the same session as in the dump. */
function listedHeader({ characterSet: set, timeZone }: SqlSettings): Uint8Array {
  const names = set === undefined ? '' : `/*!40101 SET NAMES ${set} */;\n`;
  const zone = timeZone === undefined ? '' : `/*!40103 SET TIME_ZONE='${timeZone.replaceAll("'", "''")}' */;\n`;
  return Buffer.from(listedRows + names + zone);
}

/** Makes a separate INSERT statement from a tuple and its separator in the source. */
function listedRow(settings: SqlSettings): (bytes: Uint8Array) => readonly Uint8Array[] {
  const { table, columns } = settings;
  const list = columns.length === 0 ? '' : ` (${columns.map(({ name }) => quoted(name)).join(',')})`;
  const head = encoded(`INSERT INTO ${quoted(table.name)}${list} VALUES `, settings.characterSet);
  const end = Buffer.from(';\n');
  return (bytes) => [head, bytes.subarray(0, tupleEnd(bytes)), end];
}

/** Excludes the comma or semicolon and the blanks after it. */
function tupleEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1]! <= 0x20) end--;
  return bytes[end - 1] === comma || bytes[end - 1] === semicolon ? end - 1 : end;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** In the set of the dump, in which SET NAMES makes the server read names too. */
function encoded(text: string, name = 'utf8mb4'): Buffer {
  const set = characterSet(name);
  if (set === undefined || !('decode' in set)) return Buffer.from(text);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [set.decode(Buffer.of(byte)), byte]));
  return Buffer.from(Array.from(text, (character) => bytes.get(character) ?? 0x3f));
}
