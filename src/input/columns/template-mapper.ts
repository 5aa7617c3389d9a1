import type { Column, Field, FieldValue, KeyRole, TemplateField } from '../../domain/column.ts';
import { formatCount } from '../../domain/format.ts';
import { numberSizeBytes, textSizeBytes } from '../../domain/item-size.ts';
import { formatDecimal, numberFault, parseDecimal } from '../../domain/number.ts';
import type { RejectCode } from '../../domain/row.ts';
import type { SplitRow } from '../framed-rows.ts';
import { decodeUtf8, type MappingOptions } from './column-converters.ts';
import { FieldFault } from './column-fault.ts';
import type { ColumnMapper } from './column-mapper.ts';
import { declaredCheck } from './declared-type.ts';

/** Why a template has no value. */
export class TemplateFault extends FieldFault {
  /** The column of the source that is at fault; undefined if the attribute as a whole is. */
  readonly column: string | undefined;
  /** What may be shown if values may be: the field, or the attribute. */
  readonly field: Field;
  constructor({ code, message }: FieldFault, field: Field, column?: string) {
    super(code, message);
    this.field = field;
    this.column = column;
  }
}

/** Made once for a template, and called for each row. */
export type TemplateMapper = Pick<ColumnMapper, 'sizeBytes'> & {
  /** Makes the value from the fields of the row, which are those of `split` if it is given. */
  make(fields: readonly Field[], split: SplitRow | undefined): string | TemplateFault;
};

/** The mapper of a column with a template. */
export function templateMapper(column: Column, options: MappingOptions): TemplateMapper {
  const { name, type, key, template = [] } = column;
  const parts = template.map((part) => (typeof part === 'string' ? part : fieldPart(name, part, options)));
  const finish = type === 'N' ? numberOf(name) : textOf(name, key);
  const constants = template.filter((part) => typeof part === 'string').join('');
  const isAscii = textSizeBytes(constants) === constants.length;
  return {
    make(fields, split) {
      let text = '';
      for (const part of parts) {
        if (typeof part === 'string') {
          text += part;
          continue;
        }
        const { fieldIndex } = part;
        const value = part.read(split === undefined ? fields[fieldIndex]! : split.text(fieldIndex));
        if (typeof value !== 'string') return value;
        text += value;
      }
      return finish(text);
    },
    sizeBytes(value: FieldValue, ascii) {
      if (type === 'N') return numberSizeBytes(value as string);
      return ascii === true && isAscii ? (value as string).length : textSizeBytes(value as string);
    },
  };
}

type FieldPart = { readonly fieldIndex: number; read(field: Field): string | TemplateFault };

/** A field as text. NULL, and empty text where it is not kept, have none. */
function fieldPart(
  attribute: string,
  { sourceName, fieldIndex, declared }: TemplateField,
  { empty }: MappingOptions,
): FieldPart {
  const check = declared && declaredCheck(sourceName, declared.column, declared.type);
  const fault = (code: RejectCode, predicate: string, field: Field) =>
    new TemplateFault(new FieldFault(code, `column "${sourceName}" ${predicate}`), field, sourceName);
  return {
    fieldIndex,
    read(field) {
      const isAbsent = field === null || (field.length === 0 && empty !== 'keep');
      if (isAbsent)
        return fault(
          'template-null',
          `is ${field === null ? 'NULL' : 'empty'}, and --set ${attribute} needs it`,
          field,
        );
      const undeclared = check?.check(field);
      if (undeclared !== undefined) return new TemplateFault(undeclared, field, sourceName);
      const text = typeof field === 'string' ? field : decodeUtf8(field);
      return text ?? fault('invalid-utf8', `is not UTF-8 text, which --set ${attribute} needs`, field);
    },
  };
}

type Finish = (text: string) => string | TemplateFault;

function numberOf(name: string): Finish {
  return (text) => {
    const decimal = parseDecimal(text);
    const code = numberFault(decimal);
    if (decimal !== undefined && code === undefined) return formatDecimal(decimal);
    return attributeFault(name, code ?? 'not-a-number', numberFaults[code ?? 'not-a-number'], text);
  };
}

const numberFaults = {
  'not-a-number': 'is not a number',
  'number-too-precise': 'has more than 38 significant digits',
  'number-out-of-range': 'is outside the range of DynamoDB (1E-130 to 9.99E+125)',
};

function textOf(name: string, key: KeyRole | undefined): Finish {
  if (key === undefined) return (text) => text;
  const { maxBytes, label } = key;
  return (text) => {
    if (text.length === 0) return attributeFault(name, 'key-empty', `is empty, which ${label} may not be`, text);
    if (textSizeBytes(text) <= maxBytes) return text;
    const predicate = `is longer than the ${formatCount(maxBytes)} bytes that ${label} may have`;
    return attributeFault(name, 'key-too-long', predicate, text);
  };
}

function attributeFault(name: string, code: RejectCode, predicate: string, text: string): TemplateFault {
  return new TemplateFault(new FieldFault(code, `attribute "${name}" of --set ${predicate}`), text);
}
