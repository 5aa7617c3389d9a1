import type { Column, FieldValue } from '../../../domain/column.ts';
import type { PlainFields } from '../../../ports/token-repository.ts';

/** Writes a row as `compileItemText` does, its texts copied from the bytes of the source. */
type ItemCopy = {
  /** Bytes that `write` takes for the same row. */
  byteLength(values: readonly FieldValue[], fields: PlainFields): number;
  /** Writes into `target` from `at` on, and returns where it ended. */
  write(values: readonly FieldValue[], fields: PlainFields, target: DataView, at: number): number;
};

/** Undefined where a column becomes more than text or a number. */
export function compileItemCopy(
  columns: readonly Column[],
  [open, close]: readonly [open: string, close: string],
): ItemCopy | undefined {
  if (!columns.every(({ type }) => type === 'S' || type === 'N' || type === 'EPOCH')) return undefined;
  const isText = columns.map(({ type }) => type === 'S');
  const places = columns.map(({ fieldIndex }) => fieldIndex);
  const heads = columns.map(({ name }, i) => `${JSON.stringify(name)}:{"${isText[i] ? 'S' : 'N'}":"`);
  const firstHeads = heads.map((head) => pieceOf(open + head));
  const laterHeads = heads.map((head) => pieceOf(`"},${head}`));
  const tail = pieceOf(`"}${close}`);
  const empty = pieceOf(open + close);

  function byteLength(values: readonly FieldValue[], { starts, ends }: PlainFields): number {
    let length = 0;
    for (let i = 0; i < heads.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      length += (length === 0 ? firstHeads : laterHeads)[i]!.length;
      length += isText[i] ? ends[places[i]!]! - starts[places[i]!]! : (value as string).length;
    }
    return length === 0 ? empty.length : length + tail.length;
  }

  function write(values: readonly FieldValue[], fields: PlainFields, target: DataView, start: number): number {
    const { bytes, starts, ends } = fields;
    let at = start;
    for (let i = 0; i < heads.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      at = copyPiece((at === start ? firstHeads : laterHeads)[i]!, target, at);
      if (isText[i]) at = copyBytes(bytes, starts[places[i]!]!, ends[places[i]!]!, target, at);
      else at = writeAscii(value as string, target, at);
    }
    return copyPiece(at === start ? empty : tail, target, at);
  }

  return { byteLength, write };
}

/** The length beside the bytes: to ask a DataView for it is a call into the engine. */
type Piece = { readonly bytes: DataView; readonly length: number };

function pieceOf(text: string): Piece {
  const bytes = Uint8Array.from(Buffer.from(text));
  return { bytes: new DataView(bytes.buffer), length: bytes.length };
}

function copyPiece({ bytes, length }: Piece, target: DataView, at: number): number {
  return copyBytes(bytes, 0, length, target, at);
}

/** Four bytes at a time, and no call into the engine, which for a field of some bytes would cost more than the copy. */
function copyBytes(source: DataView, from: number, to: number, target: DataView, at: number): number {
  for (; from + 4 <= to; from += 4, at += 4) target.setUint32(at, source.getUint32(from));
  for (; from < to; from++, at++) target.setUint8(at, source.getUint8(from));
  return at;
}

function writeAscii(text: string, target: DataView, at: number): number {
  for (let i = 0; i < text.length; i++) target.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}
