import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Column, type ColumnType, type FieldValue, JsonNumber, ValueSet } from '../../src/domain/column.ts';
import type { KeyAttribute } from '../../src/domain/table.ts';
import { batchOf, type Token } from '../../src/domain/token.ts';
import type { TokenEncoder, TokenRepository } from '../../src/ports/token-repository.ts';
import { columnsOf, makeToken } from './make-token.ts';
import { type PlainItem, plainItemOf } from './plain-item.ts';

/** A repository over an empty table with the given key, and an independent way to read that table. */
export type ContractSubject = {
  readonly repository: TokenRepository;
  /** `columns` are those of the encoder, for a table that stores no types. */
  readItems(columns: readonly Column[]): Promise<readonly PlainItem[]>;
  stop(): Promise<void>;
};

type Values = readonly FieldValue[];

const stringKey: readonly KeyAttribute[] = [{ name: 'token', type: 'S' }];

/** Tests what every TokenRepository must do. `makeSubject` is called for each test. */
export function tokenRepositoryContract(
  name: string,
  makeSubject: (key: readonly KeyAttribute[]) => Promise<ContractSubject>,
): void {
  describe(`${name} keeps the contract of a token repository:`, () => {
    let subject: ContractSubject | undefined;
    let encoder: TokenEncoder;
    let columns: readonly Column[];

    afterEach(async () => {
      await subject?.repository.close();
      await subject?.stop();
      subject = undefined;
    });

    async function open(types: Readonly<Record<string, ColumnType>>, key = stringKey): Promise<ContractSubject> {
      subject = await makeSubject(key);
      columns = columnsOf(types);
      encoder = subject.repository.encoder(columns);
      return subject;
    }

    function token(values: Values, key = stringKey, deletes = false): Token {
      return makeToken(encoder, columns, key, values, deletes);
    }

    async function put(repository: TokenRepository, rows: readonly Values[], key = stringKey): Promise<void> {
      const result = await repository.write(batchOf(rows.map((values) => token(values, key))));
      expect(result).toMatchObject({ kind: 'accepted', unprocessed: [] });
    }

    async function expectItems(rows: readonly Values[]): Promise<void> {
      const expected = rows.map((values) => plainItemOf(columns, values));
      expect(sorted(await subject!.readItems(columns))).toEqual(sorted(expected));
    }

    describe('on a table with one string as its key', () => {
      let repository: TokenRepository;
      beforeEach(async () => {
        ({ repository } = await open({ token: 'S', value: 'S' }));
      });

      test('an attempt with a lease is made, and a released lease does not affect the next', async () => {
        for (let i = 0; i < 40; i++) {
          const unused = await repository.lease?.();
          if (unused?.kind === 'lease') unused.release();
          const lease = await repository.lease?.();
          if (lease !== undefined && lease.kind !== 'lease') throw new Error(`no lease, but ${lease.kind}`);
          expect(lease?.holds ?? true).toBe(true);
          const result = await repository.write(batchOf([token([`k${i}`, `${i}`])]), lease);
          expect(result).toMatchObject({ kind: 'accepted', unprocessed: [] });
        }
        await expectItems(Array.from({ length: 40 }, (_, i) => [`k${i}`, `${i}`]));
      });

      test('an accepted batch is in the table', async () => {
        const rows = [
          ['a', 'one'],
          ['b', 'two'],
        ];
        await put(repository, rows);
        await expectItems(rows);
      });

      test('a full batch is accepted at once', async () => {
        const rows = Array.from({ length: repository.maxBatchTokens }, (_, n) => [`token-${n}`, `value ${n}`]);
        await put(repository, rows);
        await expectItems(rows);
      });

      test('many batches in flight do not get in each other’s way', async () => {
        const batches = Array.from({ length: 20 }, (_, b) =>
          Array.from({ length: 10 }, (_, n) => [`token-${b}-${n}`, `value ${b} ${n}`]),
        );
        await Promise.all(batches.map((rows) => put(repository, rows)));
        await expectItems(batches.flat());
      });

      test('a later put of the same key replaces the whole item', async () => {
        await put(repository, [['a', 'old']]);
        await put(repository, [['a', undefined]]);
        await expectItems([['a', undefined]]);
      });

      test('a delete removes the item with its key, and one without an item is accepted too', async () => {
        await put(repository, [['a', 'one']]);
        await put(repository, [['b', 'two']]);
        for (const key of ['a', 'absent']) {
          const result = await repository.write(batchOf([token([key, undefined], stringKey, true)]));
          expect(result).toMatchObject({ kind: 'accepted', unprocessed: [] });
        }
        await expectItems([['b', 'two']]);
        await put(repository, [['a', 'again']]);
        await expectItems([
          ['a', 'again'],
          ['b', 'two'],
        ]);
      });

      test('puts and deletes travel in one batch', async () => {
        if (repository.maxBatchTokens === 1) return;
        await put(repository, [['a', 'one']]);
        const tokens = [token(['b', 'two']), token(['a', undefined], stringKey, true), token(['c', 'three'])];
        expect(await repository.write(batchOf(tokens))).toMatchObject({ kind: 'accepted', unprocessed: [] });
        await expectItems([
          ['b', 'two'],
          ['c', 'three'],
        ]);
      });

      test('an undefined value is no attribute, an empty text is one', async () => {
        const rows = [
          ['absent', undefined],
          ['empty', ''],
        ];
        await put(repository, rows);
        await expectItems(rows);
      });

      test('hostile text arrives as it is', async () => {
        const rows = hostileTexts.map((text, n) => [`${n} ${text}`, text]);
        await put(repository, rows);
        await expectItems(rows);
      });

      test('a payload does not depend on the array it was made from', async () => {
        const values: FieldValue[] = ['a', 'first'];
        const first = token(values);
        values[0] = 'b';
        values[1] = 'second';
        const second = token(values);
        await repository.write(batchOf([first, second]));
        await expectItems([
          ['a', 'first'],
          ['b', 'second'],
        ]);
      });

      test('a payload takes at least the bytes of its text, code points beyond ASCII counted as UTF-8', () => {
        for (const text of ['', 'plain', 'ä', '€', '𝄞', '"quoted"']) {
          const payload = encoder.encode(['a', text]);
          expect(encoder.bodyBytes(payload)).toBeGreaterThanOrEqual(Buffer.byteLength(text) + 'token'.length);
        }
      });

      test('traffic is empty before the first batch and never shrinks after it', async () => {
        const before = repository.traffic();
        expect(before).toEqual({ connectionsOpened: 0, bytesSent: 0 });
        await put(repository, [['a', 'one']]);
        const after = repository.traffic();
        expect(after.connectionsOpened).toBeGreaterThanOrEqual(0);
        expect(after.bytesSent).toBeGreaterThanOrEqual(0);
      });
    });

    test('every type arrives as that type', async () => {
      const { repository } = await open({ token: 'S', n: 'N', b: 'B', flag: 'BOOL', json: 'JSON', at: 'EPOCH' });
      const document = new Map<string, FieldValue>([
        ['list', ['x', new JsonNumber('1.50'), null, true, []]],
        ['deep "name"', new Map([['', new JsonNumber('-0.1')]])],
        ['empty', new Map()],
      ]) as FieldValue;
      const rows: Values[] = [
        ['all', '12.5', new Uint8Array([0, 127, 128, 255]), true, document, '1700000000'],
        ['other', '-1e-7', new Uint8Array([34]), false, null, '0'],
        ['scalars', '0', new Uint8Array([1, 2]), false, 'text "in" JSON', '-1'],
        ['number', '7', new Uint8Array([92]), false, new JsonNumber('12345678901234567890.5'), '1'],
      ];
      await put(repository, rows);
      await expectItems(rows);
    });

    test('sets, lists of strings and NULL arrive', async () => {
      const { repository } = await open({ token: 'S', tags: 'SS', sizes: 'NS', path: 'L', note: 'S', n: 'N' });
      const rows: Values[] = [
        [
          'full',
          new ValueSet('SS', ['"a"', 'ä', '漢']),
          new ValueSet('NS', ['-7', '0.5', '12']),
          ['b', '', 'b'],
          '',
          '1',
        ],
        ['null', null, null, null, null, null],
        ['out', undefined, undefined, undefined, undefined, undefined],
      ];
      await put(repository, rows);
      await expectItems(rows);
    });

    test('numbers keep all their digits', async () => {
      const { repository } = await open({ token: 'S', value: 'N' });
      const rows = exactNumbers.map((text, n) => [String(n), text]);
      await put(repository, rows);
      await expectItems(rows);
    });

    test('a view into a larger buffer is written alone', async () => {
      const { repository } = await open({ token: 'S', value: 'B' });
      const bytes = new Uint8Array([9, 9, 1, 2, 3, 9, 9]).subarray(2, 5);
      await put(repository, [['view', bytes]]);
      await expectItems([['view', new Uint8Array([1, 2, 3])]]);
    });

    test.each<{ partition: KeyAttribute['type']; sort: KeyAttribute['type']; rows: Values[] }>([
      {
        partition: 'N',
        sort: 'S',
        rows: [
          ['1', 'a', 'x'],
          ['1', 'b', 'y'],
          ['2.5', 'a', 'z'],
        ],
      },
      {
        partition: 'B',
        sort: 'N',
        rows: [
          [new Uint8Array([0]), '1', 'x'],
          [new Uint8Array([0]), '2', 'y'],
          [new Uint8Array([255]), '1', 'z'],
        ],
      },
    ])('a key of $partition and $sort keeps items apart', async ({ partition, sort, rows }) => {
      const key: readonly KeyAttribute[] = [
        { name: 'p', type: partition },
        { name: 's', type: sort },
      ];
      const { repository } = await open({ p: partition, s: sort, value: 'S' }, key);
      await put(repository, rows, key);
      await expectItems(rows);
      const [first, ...rest] = rows;
      await repository.write(batchOf([token([first![0], first![1], undefined], key, true)]));
      await expectItems(rest);
    });

    test('columns may have names that objects have', async () => {
      // Written as pairs, because the types take such a property for the inherited one.
      const types: [string, ColumnType][] = [
        ['token', 'S'],
        ['constructor', 'S'],
        ['toString', 'N'],
        ['a "b" \\ ä', 'S'],
      ];
      const { repository } = await open(Object.fromEntries(types));
      const rows = [['a', 'text', '1', 'quoted']];
      await put(repository, rows);
      await expectItems(rows);
    });
  });
}

const hostileTexts = [
  '"',
  '\\',
  '\\"}}}]}',
  '"UnprocessedItems":{}',
  '\n\r\t\b\f',
  '\u0000\u0001\u001f',
  '\u007f\u0080\u00ff',
  '\u2028\u2029',
  '\ufeff\ufffe\uffff',
  'ä€𝄞👩‍👩‍👧',
  '<script>&amp;</script>',
  '__proto__',
  "'; drop table tokens; --",
  ' leading and trailing ',
];

const exactNumbers = [
  '0',
  '-0',
  '1',
  '1.0',
  '01',
  '0.5',
  '9007199254740993',
  '12345678901234567890123456789012345678',
  '-0.00000000000000000000000000000000000001',
  '1e-130',
  '-1E-130',
  '9.9999999999999999999999999999999999999E+125',
];

function sorted(items: readonly PlainItem[]): PlainItem[] {
  const texts = items.map((item) => ({ item, text: JSON.stringify(Object.entries(item).sort()) }));
  return texts.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ item }) => item);
}
