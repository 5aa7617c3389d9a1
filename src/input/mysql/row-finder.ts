import { isEnclosable } from './definition/table-columns.ts';
import type { MysqlSettings } from './mysql.ts';
import { BitFinder } from './mysql-bit-finder.ts';
import type { MysqlBytes, RowFinder } from './mysql-bytes.ts';
import { FieldFinder } from './mysql-field-finder.ts';
import { LineFinder } from './mysql-line-finder.ts';
import { UnprovenFinder } from './mysql-unproven-finder.ts';

/** What finds the borders of rows that were written with these settings. */
export function rowFinder(settings: MysqlSettings): RowFinder {
  // The client escapes BIT columns like any other.
  const hasBits = !settings.batch && settings.columns?.some(({ bits }) => bits !== undefined) === true;
  if (!hasBits || settings.bits === 'escaped') return ordinaryFinder(settings);
  return settings.bits === 'raw' ? bitFinder(settings) : unprovenFinder(settings);
}

/** Reads BIT columns in both ways. */
export function unprovenFinder(settings: MysqlSettings): UnprovenFinder {
  return new UnprovenFinder(
    () => bitFinder(settings),
    () => ordinaryFinder(settings),
  );
}

function ordinaryFinder(settings: MysqlSettings): RowFinder {
  const { fieldTerminator, enclosure, lineTerminator, lineStart, batch } = settings;
  const isUsual = enclosure === undefined && fieldTerminator.length === 1 && lineStart === '';
  if (isUsual && (lineTerminator === '\n' || batch)) {
    return new LineFinder(settings.escape.charCodeAt(0), lineTerminator === '\r\n');
  }
  return new FieldFinder(bytesOf(settings), enclosable(settings, 'escaped'));
}

function bitFinder(settings: MysqlSettings): BitFinder {
  const { enclosure, optionallyEnclosed, columns = [] } = settings;
  const enclosed = enclosure !== undefined && !optionallyEnclosed;
  const fields = columns.map(({ bits, digits, nullable }) => {
    // Told to be true or false, its one byte may be the digit.
    return bits === undefined ? undefined : { bits: digits ? 8 : bits, nullable, enclosed };
  });
  return new BitFinder(bytesOf(settings), fields, enclosable(settings, 'raw'));
}

/** By field, where only some are enclosed and the columns are known. */
function enclosable({ optionallyEnclosed, columns }: MysqlSettings, bits: 'raw' | 'escaped') {
  return optionallyEnclosed ? columns?.map((column) => isEnclosable(column, bits)) : undefined;
}

function bytesOf(settings: MysqlSettings): MysqlBytes {
  return {
    fieldTerminator: Buffer.from(settings.fieldTerminator),
    lineTerminator: Buffer.from(settings.lineTerminator),
    lineStart: Buffer.from(settings.lineStart),
    enclosedBy: settings.enclosure?.charCodeAt(0) ?? -1,
    escapedBy: settings.escape.charCodeAt(0),
  };
}
