import { ImportError } from '../../domain/import-error.ts';
import type { TableColumn, TableDefinition } from '../mysql/table-definition.ts';
import type { FormatFacts } from './detect-format.ts';
import type { Reading } from './detect-format-readings.ts';

/** The definition in which BIT columns that `--types` calls anything but B are columns of numbers, as `bit+0` dumps them. */
export function withToldBits(definition: TableDefinition | undefined, types: FormatFacts['flags']['types'] = {}) {
  if (definition === undefined) return undefined;
  const isNumber = ({ name }: TableColumn) => Object.hasOwn(types, name) && types[name] !== 'B';
  return bitsAsNumbers(definition, isNumber, (name) => types[name] === 'N');
}

/** BIT columns of which no flag says how they were dumped; undefined where there are none. */
export function untoldBits({ definition, flags }: FormatFacts): readonly TableColumn[] | undefined {
  const told = [...Object.keys(flags.types ?? {}), ...(flags.omit ?? [])];
  const untold = definition?.columns.filter(({ bits, name }) => bits !== undefined && !told.includes(name));
  return untold?.length ? untold : undefined;
}

/** The facts as if those columns had been dumped as numbers. */
export function withNumbers(facts: FormatFacts, columns: readonly TableColumn[]): FormatFacts {
  const definition = bitsAsNumbers(facts.definition!, (column) => columns.includes(column));
  return { ...facts, definition };
}

/** Refuses a dump that fits as numbers in its BIT columns too: digits can be bytes. Throws ImportError `usage`. */
export function askAboutBits(fileName: string, asNumbers: Reading | undefined, bits: readonly TableColumn[]): void {
  if (asNumbers === undefined || asNumbers.misfit !== undefined) return;
  const seen = bits.filter(({ name }) => holdsValue(asNumbers, name)).map(({ name }) => name);
  if (seen.length === 0) return;
  const flags = (type: string) => `--types ${seen.map((name) => `${name}=${type}`).join(',')}`;
  const columns = seen.map((name) => `"${name}"`).join(', ');
  throw new ImportError('usage', `${fileName}: BIT columns hold nothing but digits: ${columns}`, {
    hint: `Say what they are: ${flags('N')} where they were selected as numbers (bit+0), ${flags('B')} where they are the raw bytes.`,
  });
}

function holdsValue({ digest, layout }: Reading, name: string): boolean {
  const at = layout?.names.indexOf(name) ?? -1;
  return at !== -1 && digest.split('\n').some((row) => row !== '' && (JSON.parse(row) as unknown[])[at] !== null);
}

function bitsAsNumbers(
  definition: TableDefinition,
  isNumber: (column: TableColumn) => boolean,
  isTyped: (name: string) => boolean = () => true,
): TableDefinition {
  const columns = definition.columns.map((column) => {
    const { bits, ...other } = column;
    if (bits === undefined || !isNumber(column)) return column;
    const type = isTyped(column.name) ? ('N' as const) : ('S' as const);
    return { ...other, sqlType: `${column.sqlType}+0`, type, binary: false };
  });
  return { ...definition, columns };
}
