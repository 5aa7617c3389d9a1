import type { RowFault } from '../../domain/row.ts';
import { rowCheck } from '../columns/declared-type.ts';
import { QuotedTexts, type Quoting } from '../mysql/mysql-sample.ts';
import type { UnreadSource } from '../reading-flags.ts';
import { eachRow } from '../sample-rows.ts';
import type { Reading } from './possible-readings.ts';
import { dialectOf, writtenBy } from './possible-readings.ts';

/** How the rows of a sample fit a reading. Blank lines are ignored. */
export type SampleCheck = {
  readonly reading: Reading;
  readonly rows: number;
  readonly fitting: number;
  /** The first row that does not fit. */
  readonly misfit: Misfit | undefined;
  /** The first row whose fields cannot be separated, or are too many or too few. */
  readonly misshapen: Misfit | undefined;
  /** The character, other than a letter or digit, with which the last field of every row ends; empty if there is none. */
  readonly lastCharacter: string;
  readonly quoting: Quoting;
  /** The rows in this reading, to compare readings. */
  readonly digest: string;
};

type Misfit = { readonly line: number; readonly fault: RowFault };

export function checkSample(sample: Buffer, reading: Reading, { flags, isWhole }: UnreadSource): SampleCheck {
  const dialect = dialectOf(reading, sample.length);
  const { types = {}, omit = [] } = flags;
  const declared = reading.dialect === 'mysql' ? reading.settings.columns : reading.layout?.columns;
  const columns = reading.layout?.names.map((_, i) => declared?.[i]);
  const isTold = (name: string) => Object.hasOwn(types, name);
  const binary =
    reading.layout?.names.map((name, i) => (isTold(name) ? types[name] === 'B' : columns![i]?.binary)) ?? [];
  const decoder = dialect.decoder(binary.map((isBinary) => isBinary === true));
  const check = columns === undefined ? () => undefined : rowCheck(columns, writtenBy(reading), types, omit);
  const quoting = new QuotedTexts(reading.layout?.names ?? [], declared, isTold);
  const digest: string[] = [];
  let [rows, fitting] = [0, 0];
  const lastCharacters = new Set<string>();
  let misfit: Misfit | undefined;
  let misshapen: Misfit | undefined;
  eachRow(dialect, sample, isWhole, (framed, i, line) => {
    rows++;
    lastCharacters.add(
      framed.buffer.toString('latin1', Math.max(framed.starts[i]!, framed.ends[i]! - 1), framed.ends[i]),
    );
    const fault = decoder.decode(framed, i) ?? check(decoder.fields);
    if (fault !== undefined) {
      misfit ??= { line, fault };
      if (fault.code === 'ragged-row' || fault.code === 'undecodable') misshapen ??= { line, fault };
    } else {
      fitting++;
      quoting.countTexts(decoder.fields);
      digest.push(JSON.stringify(decoder.fields));
    }
  });
  const [last = '', other] = lastCharacters;
  const lastCharacter = other === undefined && /[^\w\s\x80-\xff]|\r/.test(last) ? last : '';
  return { reading, rows, fitting, misfit, misshapen, lastCharacter, quoting, digest: digest.join('\n') };
}
