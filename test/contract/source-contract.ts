import { afterEach, describe, expect, test } from 'vitest';
import { ImportError } from '../../src/domain/import-error.ts';
import type { SourceFile } from '../../src/ports/source.ts';
import { collect, faultOf } from '../adapters/packing/collect.ts';

/** A row of two columns, the first of which is its key. Texts hold nothing that any format would escape. */
export type ContractRow = readonly [id: number, text: string];

export type ContractFile = SourceFile & {
  readonly path: string | undefined;
  readonly mtimeMs: number | undefined;
  checkUnchanged(): Promise<void>;
};

/** A place that holds one source, and a way to look at it that is not the adapter's. */
export type ContractPlace = {
  /** Makes the place hold these rows, by ascending key, instead of those before. */
  hold(rows: readonly ContractRow[]): Promise<void>;
  /** Leaves nothing to open. Absent for standard input. */
  remove?(): Promise<void>;
  /** Opens what the place holds now. */
  open(): Promise<ContractFile>;
  /** Bytes that have left the place, or were read from it, since it was opened. */
  bytesSent(): number;
  /** Handles and connections through which the source is read now. */
  handlesOpen(): number;
  /** Breaks off the sending in the middle. Absent where that looks like an end. */
  breakOff?(): void;
  stop(): Promise<void>;
};

export type ContractTraits = {
  /** False where the source can be read only once. */
  readonly isReadAgain: boolean;
  /** What a reader sees of rows that change after the source was opened. */
  readonly onChange: 'fault' | 'snapshot' | 'cannot change';
};

/** What every source does, whatever stands behind it. `makePlace` is called for each test. */
export function sourceContract(name: string, traits: ContractTraits, makePlace: () => Promise<ContractPlace>): void {
  describe(`${name} keeps the contract of a source:`, () => {
    let place: ContractPlace | undefined;

    afterEach(async () => {
      await place?.stop();
      place = undefined;
    });

    async function holding(rows: readonly ContractRow[]): Promise<ContractPlace> {
      place = await makePlace();
      await place.hold(rows);
      return place;
    }

    test('all bytes arrive, in chunks that are not empty and stay as they were', async () => {
      const file = await (await holding(largeRows)).open();
      const chunks: Uint8Array[] = [];
      for await (const chunk of file.read()) chunks.push(chunk);
      expect(chunks.every((chunk) => chunk.length > 0)).toBe(true);
      expect(Buffer.concat(chunks).equals(bytesOf(largeRows))).toBe(true);
    });

    test('a row of a few bytes arrives', async () => {
      const file = await (await holding(fewRows)).open();
      expect((await collect(file.read())).toString()).toBe('1\tone\n');
    });

    test('the bytes read are counted up to the stored bytes, where they are known', async () => {
      const file = await (await holding(largeRows)).open();
      expect(file.storedBytesRead()).toBe(0);
      const chunks = file.read()[Symbol.asyncIterator]();
      await chunks.next();
      const atFirst = file.storedBytesRead();
      expect(atFirst).toBeGreaterThan(0);
      while ((await chunks.next()).done !== true);
      expect(file.storedBytesRead()).toBeGreaterThan(atFirst);
      if (file.storedBytes !== undefined) expect(file.storedBytesRead()).toBe(file.storedBytes);
    });

    test('the reader sets the pace, and the rest arrives after a pause', async () => {
      const held = await holding(largeRows);
      const file = await held.open();
      const chunks = file.read()[Symbol.asyncIterator]();
      const first = await chunks.next();
      await standstill(() => held.bytesSent());
      expect(held.bytesSent()).toBeLessThan(bytesOf(largeRows).length / 2);
      const rest = await collect({ [Symbol.asyncIterator]: () => chunks });
      expect(Buffer.concat([first.value, rest]).equals(bytesOf(largeRows))).toBe(true);
    });

    test('a reader that stops early leaves nothing open', async () => {
      const held = await holding(largeRows);
      const file = await held.open();
      for await (const _chunk of file.read()) break;
      await until(() => held.handlesOpen() === 0);
    });

    test('nothing is left open at the end', async () => {
      const held = await holding(fewRows);
      await collect((await held.open()).read());
      await until(() => held.handlesOpen() === 0);
    });

    test(traits.isReadAgain ? 'it can be read again from the beginning' : 'it is read only once', async () => {
      const file = await (await holding(fewRows)).open();
      await collect(file.read());
      if (traits.isReadAgain) {
        expect((await collect(file.read())).equals(bytesOf(fewRows))).toBe(true);
        expect(file.path).toEqual(expect.any(String));
      } else {
        expect(() => file.read()).toThrow(`${file.name} can be read only once`);
        expect(file.path).toBeUndefined();
      }
    });

    test('the same source is known again by what the manifest keeps of it', async () => {
      const held = await holding(fewRows);
      const { name, path, mtimeMs, storedBytes } = await held.open();
      expect(await held.open()).toMatchObject({ name, path, mtimeMs, storedBytes });
      expect(name).not.toBe('');
    });

    test('an unchanged source is found unchanged', async () => {
      const file = await (await holding(fewRows)).open();
      await file.checkUnchanged();
      if (traits.isReadAgain) await collect(file.read());
      await file.checkUnchanged();
    });

    test('a source without a row is source-empty', async () => {
      const held = await holding([]);
      const fault = await faultOf(async () => collect((await held.open()).read()));
      expectTold(fault, 'source-empty');
    });

    describe.runIf(traits.onChange !== 'cannot change')('when rows change after it was opened,', () => {
      test('it is read as it was or refused, never as a mixture', async () => {
        const held = await holding(largeRows);
        const file = await held.open();
        const chunks = file.read()[Symbol.asyncIterator]();
        const first = await chunks.next();
        await held.hold(otherRows);
        const outcome = await collect({ [Symbol.asyncIterator]: () => chunks }).catch((fault: unknown) => fault);
        if (outcome instanceof Uint8Array) {
          expect(Buffer.concat([first.value, outcome]).equals(bytesOf(largeRows))).toBe(true);
        } else {
          expectTold(outcome, 'source-changed', file.name);
        }
      });

      test('the change is found where the source is no snapshot', async () => {
        const held = await holding(fewRows);
        const file = await held.open();
        await held.hold(otherRows);
        if (traits.onChange === 'snapshot') {
          await file.checkUnchanged();
          expect((await collect(file.read())).equals(bytesOf(fewRows))).toBe(true);
        } else {
          expectTold(await faultOf(() => file.checkUnchanged()), 'source-changed', file.name);
          expectTold(await faultOf(() => collect(file.read())), 'source-changed', file.name);
        }
      });
    });

    test('a source that is not there is named', async (context) => {
      const held = await holding(fewRows);
      if (held.remove === undefined) return context.skip();
      const { name } = await held.open();
      await held.remove();
      expectTold(await faultOf(() => held.open()), 'source-missing', name);
    });

    test('a source that breaks off is never taken for one that ends', async (context) => {
      const held = await holding(largeRows);
      if (held.breakOff === undefined) return context.skip();
      const file = await held.open();
      const chunks = file.read()[Symbol.asyncIterator]();
      const first = await chunks.next();
      held.breakOff();
      const outcome = await collect({ [Symbol.asyncIterator]: () => chunks }).catch((fault: unknown) => fault);
      if (outcome instanceof Uint8Array) {
        expect(Buffer.concat([first.value, outcome]).equals(bytesOf(largeRows))).toBe(true);
      } else {
        expect(outcome).toBeInstanceOf(Error);
      }
    });
  });
}

/** The rows as MySQL's INTO OUTFILE writes them. */
export function bytesOf(rows: readonly ContractRow[]): Buffer {
  return Buffer.from(rows.map(([id, text]) => `${id}\t${text}\n`).join(''));
}

const fewRows: readonly ContractRow[] = [[1, 'one']];
const otherRows: readonly ContractRow[] = [
  [1, 'another one'],
  [2, 'two'],
];
/** 48 MiB, more than what the buffers of a system hold. */
const largeRows: readonly ContractRow[] = Array.from({ length: 48 }, (_, n) => [n + 1, `${n} é `.repeat(180_000)]);

function expectTold(fault: unknown, code: string, ...named: readonly string[]): void {
  expect(fault).toBeInstanceOf(ImportError);
  const { code: found, message, hint } = fault as ImportError;
  expect(found, message).toBe(code);
  for (const name of named) expect(message).toContain(name);
  expect(hint).toMatch(/^[A-Z]/);
}

/** Resolves once the figure has stopped growing, as far as this process has something to do with it. */
async function standstill(figure: () => number): Promise<void> {
  let before = -1;
  for (let turns = 0; turns < 300; turns++) {
    if (figure() !== before) turns = 0;
    before = figure();
    await turn();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
