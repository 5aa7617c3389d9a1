import type { Column, FieldValue } from '../../../domain/column.ts';
import type { Slab } from '../../../domain/row.ts';
import type { Token } from '../../../domain/token.ts';
import type { PlainFields, TokenEncoder } from '../../../ports/token-repository.ts';
import { compileItemText } from './item-text.ts';

/** A put or delete as it stands in a request, with a comma after it. */
type PutBytes = { readonly block: PutBlock; readonly start: number; readonly end: number };

const open = '{"PutRequest":{"Item":{';
const close = '}}},';
const openDelete = '{"DeleteRequest":{"Key":{';

/** Some hundred puts. A block lives as long as one of its tokens. */
const blockBytes = 128 * 1024;

/**
 * Writes rows into blocks of memory, one put after the other: what a token holds until it is written is nothing that the
 * collector would have to move. Worth 0.4 CPU s per million rows (`npm run bench -- --only pipeline`).
 */
export function compilePutBytes(columns: readonly Column[]): TokenEncoder {
  const text = compileItemText(columns, [open, close]);
  const deletes = compileItemText(columns, [openDelete, close]);
  const copy = compilePutCopy(columns);
  let block = new PutBlock(blockBytes);
  const makeRoom = (byteLength: number) => {
    if (!block.hasRoom(byteLength)) block = new PutBlock(Math.max(blockBytes, byteLength));
  };
  const append = (encoder: TokenEncoder, request: string): PutBytes => {
    const byteLength = encoder.bodyBytes(request);
    makeRoom(byteLength);
    const start = block.append(request, byteLength);
    return { block, start, end: start + byteLength };
  };
  return {
    copiesFields: copy !== undefined,
    encode(values, fields): PutBytes {
      if (copy !== undefined && fields !== undefined) {
        makeRoom(copy.mostBytes(values, fields));
        const start = block.begin();
        const end = copy.write(values, fields, block.view, start);
        block.close(end);
        return { block, start, end };
      }
      return append(text, text.encode(values, fields) as string);
    },
    encodeDelete: (values) => append(deletes, deletes.encode(values) as string),
    copy(payload): PutBytes {
      const { block, start, end } = payload as PutBytes;
      if (block.byteLength === end - start) return payload as PutBytes;
      return { block: block.part(start, end), start: 0, end: end - start };
    },
    slab: (payload) => (payload as PutBytes).block,
    // The comma is not the put's.
    bodyBytes: (payload) => (payload as PutBytes).end - (payload as PutBytes).start - 1,
  };
}

/** Writes the put of a row, its texts copied from the bytes of the source. */
type PutCopy = {
  /** No put takes more, and what `write` may touch beyond its end. */
  mostBytes(values: readonly FieldValue[], fields: PlainFields): number;
  /** Writes into `target` from `at` on, and returns where it ended. */
  write(values: readonly FieldValue[], fields: PlainFields, target: DataView, at: number): number;
};

/** Undefined where an attribute is more than the text of a field or a number. */
function compilePutCopy(columns: readonly Column[]): PutCopy | undefined {
  if (columns.length === 0 || !columns.every(({ type }) => type === 'S' || type === 'N' || type === 'EPOCH')) return;
  if (columns.some(({ template, emptyIsNull }) => template !== undefined || emptyIsNull)) return;
  const isText = columns.map(({ type }) => type === 'S');
  const numbers = columns.flatMap((_, i) => (isText[i] ? [] : [i]));
  const places = columns.map(({ fieldIndex }) => fieldIndex);
  const [firstField, lastField] = [Math.min(...places), Math.max(...places)];
  const heads = columns.map(({ name }, i) => `${JSON.stringify(name)}:{"${isText[i] ? 'S' : 'N'}":"`);
  // The head of column i where its value is the first of the item, and where it is a later one; the end of an item, and an empty one.
  const firstHeads = heads.map((head) => open + head);
  const laterHeads = heads.map((head) => `"},${head}`);
  const pieces = new Pieces([...firstHeads, ...laterHeads, `"}${close}`, open + close]);
  const count = columns.length;
  const [end, empty] = [2 * count, 2 * count + 1];
  const fixedBytes = pieces.lengths.reduce((sum, length) => sum + length) + wordBytes;

  return {
    mostBytes(values, { starts, ends }) {
      let bytes = fixedBytes + ends[lastField]! - starts[firstField]!;
      for (const i of numbers) bytes += (values[i] as string | undefined)?.length ?? 0;
      return bytes;
    },
    write(values, { bytes, starts, ends }, target, start) {
      const isAtEnd = ends[lastField]! + wordBytes > bytes.byteLength;
      let at = start;
      for (let i = 0; i < count; i++) {
        const value = values[i];
        if (value === undefined) continue;
        at = pieces.copy(at === start ? i : count + i, target, at);
        if (!isText[i]) {
          at = writeAscii(value as string, target, at);
          continue;
        }
        const from = starts[places[i]!]!;
        const to = ends[places[i]!]!;
        if (isAtEnd) copyBytes(bytes, from, to, target, at);
        else copyWords(bytes, from, to, target, at);
        at += to - from;
      }
      return pieces.copy(at === start ? empty : end, target, at);
    },
  };
}

const wordBytes = 4;

/** Texts that stand between the values, each in whole words: to ask a DataView for its length is a call into the engine. */
class Pieces {
  readonly lengths: readonly number[];
  readonly #bytes: DataView;
  readonly #starts: number[] = [];

  constructor(texts: readonly string[]) {
    const all = texts.map((text) => Buffer.from(text));
    this.lengths = all.map(({ length }) => length);
    const bytes = new Uint8Array(this.lengths.reduce((sum, length) => sum + length + wordBytes, 0));
    let at = 0;
    for (const piece of all) {
      bytes.set(piece, at);
      this.#starts.push(at);
      at += piece.length + wordBytes;
    }
    this.#bytes = new DataView(bytes.buffer);
  }

  /** Returns where the piece ended. */
  copy(piece: number, target: DataView, at: number): number {
    const start = this.#starts[piece]!;
    const length = this.lengths[piece]!;
    copyWords(this.#bytes, start, start + length, target, at);
    return at + length;
  }
}

/**
 * Up to three bytes more than asked for, which what comes next is written over: no call into the engine and no branch that
 * the length decides, either of which would cost more than the copy.
 */
function copyWords(source: DataView, from: number, to: number, target: DataView, at: number): void {
  for (let out = at; from < to; from += wordBytes, out += wordBytes) target.setInt32(out, source.getInt32(from));
}

/** For what stands at the end of the source's memory. */
function copyBytes(source: DataView, from: number, to: number, target: DataView, at: number): void {
  for (let out = at; from < to; from++, out++) target.setUint8(out, source.getUint8(from));
}

function writeAscii(text: string, target: DataView, at: number): number {
  for (let i = 0; i < text.length; i++) target.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

/** Puts one after the other. Texts are written when they are asked for, many at once: a call for each would cost more. */
class PutBlock implements Slab {
  holders = 0;
  readonly view: DataView;
  readonly #bytes: Buffer;
  #end = 0;
  #unwritten = '';
  #unwrittenStart = 0;

  constructor(byteLength: number) {
    this.#bytes = Buffer.allocUnsafeSlow(byteLength);
    this.view = new DataView(this.#bytes.buffer);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  hasRoom(byteLength: number): boolean {
    return this.#end + byteLength <= this.#bytes.length;
  }

  /** Returns where it begins. */
  append(put: string, byteLength: number): number {
    const start = this.#end;
    this.#unwritten += put;
    this.#end += byteLength;
    return start;
  }

  /** Where a put begins that is written to `view` at once. */
  begin(): number {
    if (this.#unwritten !== '') this.#write();
    return this.#end;
  }

  /** Where that put ended. */
  close(end: number): void {
    this.#end = end;
    this.#unwrittenStart = end;
  }

  copy(target: Buffer, at: number, start: number, end: number): number {
    if (end > this.#unwrittenStart) this.#write();
    return this.#bytes.copy(target, at, start, end);
  }

  part(start: number, end: number): PutBlock {
    const part = new PutBlock(end - start);
    this.copy(part.#bytes, 0, start, end);
    part.#end = end - start;
    part.#unwrittenStart = part.#end;
    return part;
  }

  #write(): void {
    const isAscii = this.#unwritten.length === this.#end - this.#unwrittenStart;
    this.#bytes.write(this.#unwritten, this.#unwrittenStart, isAscii ? 'latin1' : 'utf8');
    this.#unwritten = '';
    this.#unwrittenStart = this.#end;
  }
}

/** The puts of a batch between `head` and `tail`, in memory from `allocate`. */
export function joinPuts(
  head: Buffer,
  tokens: readonly Token[],
  tail: Buffer,
  allocate: (byteLength: number) => Buffer = Buffer.allocUnsafeSlow,
): Buffer {
  let length = head.length + tail.length + tokens.length - 1;
  for (const { bodyBytes } of tokens) length += bodyBytes;
  const body = allocate(length);
  let at = head.copy(body);
  for (let i = 0; i < tokens.length; ) {
    const { block, start } = tokens[i]!.payload as PutBytes;
    // Neighbours, as tokens fresh from the source are, go in one copy.
    let { end } = tokens[i++]!.payload as PutBytes;
    for (; i < tokens.length; i++) {
      const next = tokens[i]!.payload as PutBytes;
      if (next.block !== block || next.start !== end) break;
      end = next.end;
    }
    at += block.copy(body, at, start, end);
  }
  // Over the last comma.
  tail.copy(body, at - 1);
  return body;
}

/** Bytes of the put in the line of DYNAMODB_JSON, `{"Item":{…}}`, that its item becomes. */
export function itemLineBytes(payload: unknown): number {
  const { start, end } = payload as PutBytes;
  return end - start - aroundItem.before - aroundItem.after;
}

/** Writes that line, without a line feed. */
export function writeItemLine(payload: unknown, target: Buffer, at: number): void {
  const { block, start, end } = payload as PutBytes;
  block.copy(target, at, start + aroundItem.before, end - aroundItem.after);
}

/** Of a put, the bytes that are not part of the line: `{"PutRequest":`, and a brace with the comma. */
const aroundItem = { before: '{"PutRequest":'.length, after: 2 };
