import type { Column, Field } from '../../src/domain/column.ts';
import type { RejectCode } from '../../src/domain/row.ts';
import type { KeyAttribute } from '../../src/domain/table.ts';
import type { CsvSettings } from '../../src/input/csv/csv.ts';
import type { Source } from '../../src/ports/source.ts';
import { plainCsv, writeField } from '../input/csv/csv-files.ts';
import { type Random, randomBelow, seededRandom } from '../support/seeded-random.ts';

/** Values by attribute name, numbers in one notation; attributes left out of the item have no entry. */
export type PlainItem = Readonly<Record<string, string>>;

/** A row as written: its fields, or the reject code that its bytes lead to. */
type WrittenRow = { readonly bytes: Buffer } & ({ readonly fields: readonly Field[] } | { readonly code: RejectCode });

/** What should become of a row: an item of the table, unless it is rejected. */
export type ModelRow = {
  readonly bytes: Buffer;
  readonly code?: RejectCode | undefined;
  readonly key?: string;
  readonly item?: PlainItem;
};

export type RandomSource = {
  readonly source: Source;
  readonly settings: CsvSettings;
  readonly columns: readonly Column[];
  readonly key: readonly KeyAttribute[];
  readonly empty: 'keep' | 'omit';
  readonly model: readonly ModelRow[];
};

export const names = ['token', 'n', 'text', 'more'];
/** The table refuses items whose text begins with this. */
export const refusedText = 'refused';
/** Partition key of the partition that has no capacity for a while, as text and as a number. */
export const hotTokens = ['hot', '7'];

/** Hundreds of rows of one random dialect in one to three files, cut into chunks anywhere. */
export function randomSource(random: Random): RandomSource {
  const pick = <Value>(values: readonly Value[]): Value => values[randomBelow(random, values.length)]!;
  const key = pick(keys);
  const [quote, delimiter] = [pick(['"', "'"]), pick([',', ';', '\t'])];
  const nullText = pick([undefined, 'NULL']);
  const settings = { ...plainCsv, delimiter, quote, escape: pick([quote, '\\']), nullText, header: true };
  const empty = pick(['keep', 'omit'] as const);
  const chunkBytes = pick([10, 60, 2_000, 40_000]);
  const written: WrittenRow[] = [];
  const files = Array.from({ length: 1 + randomBelow(random, 3) }, () => {
    const rows = Array.from({ length: 1 + randomBelow(random, 300) }, () => randomRow(random, settings, key));
    if (chunkBytes > 60 && random() < 0.3) rows.push(longRow(settings));
    written.push(...rows);
    const blank = () => (random() < 0.03 ? ['\n'] : []);
    const header = Buffer.from(`${names.join(delimiter)}\n`);
    return Buffer.concat([header, ...rows.flatMap(({ bytes }) => [...blank().map(Buffer.from), bytes])]);
  });
  const source = { files: files.map((bytes, i) => cutFile(bytes, i, chunkBytes, randomBelow(random, 1e9))) };
  const columns = columnsOf(key);
  return { source, settings, columns, key, empty, model: written.map((row) => modelOf(row, key, columns, empty)) };
}

/** The naive model of a row. What the table should hold follows from these, in order. */
function modelOf(
  row: WrittenRow,
  key: readonly KeyAttribute[],
  columns: readonly Column[],
  empty: 'keep' | 'omit',
): ModelRow {
  if ('code' in row) return row;
  const { bytes, fields } = row;
  if (fields.length !== names.length) return { bytes, code: 'ragged-row' };
  const item: Record<string, string> = {};
  for (const [i, { name, type, key: role }] of columns.entries()) {
    const field = fields[i] as string | null;
    if (field === null && role === undefined) continue;
    if (field === null) return { bytes, code: 'key-missing' };
    if (field === '' && role !== undefined) return { bytes, code: 'key-empty' };
    if (field === '' && empty === 'omit') continue;
    const code = type === 'N' ? numberCode(field) : undefined;
    if (code !== undefined) return { bytes, code };
    if (role !== undefined && Buffer.byteLength(field) > role.maxBytes) return { bytes, code: 'key-too-long' };
    item[name] = type === 'N' ? decimalText(field) : field;
  }
  const isRefused = item['text']?.startsWith(refusedText) === true;
  return { bytes, key: keyOf(item, key), item, ...(isRefused && { code: 'refused-by-table' }) };
}

export function keyOf(item: PlainItem, key: readonly KeyAttribute[]): string {
  return JSON.stringify(key.map(({ name }) => item[name]));
}

/** 200 decimal places, more than any number here has. */
const places = 200;

/** One text for all ways to write a number. */
export function decimalText(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return String(BigInt(whole + fraction) * 10n ** BigInt(places + Number(exponent) - fraction.length));
}

function numberCode(text: string): RejectCode | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return 'not-a-number';
  const digits = decimalText(text).replace('-', '');
  if (digits === '0') return undefined;
  if (digits.replace(/0+$/, '').length > 38) return 'number-too-precise';
  return digits.length > places + 126 || digits.length <= places - 130 ? 'number-out-of-range' : undefined;
}

const keys: readonly (readonly KeyAttribute[])[] = [
  [{ name: 'token', type: 'S' }],
  [{ name: 'token', type: 'N' }],
  [
    { name: 'token', type: 'S' },
    { name: 'n', type: 'N' },
  ],
];

function columnsOf(key: readonly KeyAttribute[]): Column[] {
  return names.map((name, fieldIndex) => {
    const role = key.find((attribute) => attribute.name === name);
    const type = role?.type ?? (name === 'n' ? 'N' : 'S');
    const label = 'the table’s key';
    return {
      ...{ sourceName: name, fieldIndex, name, type },
      ...(role !== undefined && { key: { type: role.type, maxBytes: 2048, required: true, label } }),
    };
  });
}

function randomRow(random: Random, settings: CsvSettings, key: readonly KeyAttribute[]): WrittenRow {
  const { delimiter, quote, nullText } = settings;
  const eol = random() < 0.1 ? '\r\n' : '\n';
  const line = (fields: readonly Field[]): Buffer =>
    Buffer.from(fields.map((field) => fieldText(random, field as string | null, settings)).join(delimiter) + eol);
  const fields = randomFields(random, settings, key);
  const luck = random();
  if (luck < 0.01) return { code: 'header-row', bytes: Buffer.from(names.join(delimiter) + eol) };
  if (luck < 0.02) {
    return { code: 'misplaced-quote', bytes: Buffer.from(['t', '1', `a${quote}b`, ''].join(delimiter) + eol) };
  }
  if (luck < 0.03) {
    return { code: 'invalid-utf8', bytes: Buffer.from(['t', '1', 'a\xff', ''].join(delimiter) + eol, 'latin1') };
  }
  if (luck < 0.05) fields.pop();
  else if (luck < 0.06) fields.push('one too many');
  else if (luck < 0.08) fields[randomBelow(random, 2)] = '';
  else if (luck < 0.1 && nullText !== undefined) fields[randomBelow(random, fields.length)] = null;
  else if (luck < 0.11) fields[0] = '9'.repeat(2049);
  else if (luck < 0.13) fields[1] = badNumbers[randomBelow(random, badNumbers.length)]!;
  else if (luck < 0.16) fields[2] = `${refusedText} ${random()}`;
  return { fields, bytes: line(fields) };
}

const badNumbers = ['x', '1e', '.', '1,5', '0x1f', ' 1', '1'.repeat(39), '1e126', '-1e-131'];

/** 5 % hot keys, 30 % from a few dozen, the others unique; some of each are odd. */
function randomFields(random: Random, settings: CsvSettings, key: readonly KeyAttribute[]): Field[] {
  const luck = random();
  const isHot = luck < 0.05;
  const number = isHot ? 7 : 10 + randomBelow(random, luck < 0.35 ? 12 : 1e9);
  const text = isHot ? hotTokens[0]! : `${['t', 't ', 'ä', '€', '𝄞', 'a"b', "a'b", 'l\n', '\\'][number % 9]}${number}`;
  const token = key[0]!.type === 'N' ? oddNumber(random, number) : text;
  const n = key.length === 2 ? randomBelow(random, 3) : randomBelow(random, 1e6) - 1000;
  return [token, oddNumber(random, n), randomText(random, settings), random() < 0.5 ? `${random()}` : ''];
}

function oddNumber(random: Random, value: number): string {
  const forms = [`${value}.0`, `${value}.`, `${value}e0`, `${value}0E-1`, `${value / 1000}e+3`];
  if (value >= 0) forms.push(`+${value}`, `00${value}`, `000.00${value}e${2 + String(value).length}`);
  return random() < 0.5 ? `${value}` : forms[randomBelow(random, forms.length)]!;
}

function randomText(random: Random, { delimiter, quote }: CsvSettings): string {
  if (random() < 0.5) return `plain ${random()}`;
  const parts = [delimiter, quote, '\\', '\n', '\r\n', '\r', ' ', 'a', 'b', 'ä', '€', '𝄞', '\u0000', '\ufeff'];
  return Array.from({ length: randomBelow(random, 7) }, () => parts[randomBelow(random, parts.length)]).join('');
}

function fieldText(random: Random, field: string | null, settings: CsvSettings): string {
  return field === null ? settings.nullText! : writeField(field, random() < 0.2, settings);
}

/** Longer than a block of puts. */
function longRow({ delimiter }: CsvSettings): WrittenRow {
  const fields = ['123456', '1', 'x'.repeat(150_000), ''];
  return { fields, bytes: Buffer.from(`${fields.join(delimiter)}\n`) };
}

/** The same chunks each time it is read. */
function cutFile(bytes: Buffer, index: number, mostBytes: number, seed: number): Source['files'][number] {
  return {
    name: `file-${index}.csv`,
    storedBytes: bytes.length,
    async *read() {
      const random = seededRandom(seed);
      for (let from = 0; from < bytes.length; ) {
        const to = from + 1 + randomBelow(random, mostBytes);
        yield Uint8Array.from(bytes.subarray(from, to));
        from = to;
      }
    },
    storedBytesRead: () => bytes.length,
  };
}
