import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvSettings, csvDialect } from '../../../src/input/csv/csv.ts';
import { chunkSizes, plainCsv, readCsv } from './csv-files.ts';

const untold: CsvSettings = { ...plainCsv, escapeTold: false, nullTold: false };

/** What became of each row: its fields, or the code it is rejected with. */
function fatesOf(text: string, settings: Partial<CsvSettings> = {}): unknown[] {
  const all = chunkSizes.map((size) => readCsv(Buffer.from(text), { ...untold, ...settings }, size));
  for (const read of all) expect(read).toEqual(all[0]);
  return all[0]!.map(({ fields }) => fields);
}

/** What is said of the only row. */
function messageOf(row: string, settings: Partial<CsvSettings> = {}): string | undefined {
  const dialect = csvDialect({ ...untold, ...settings });
  const rows = dialect.framer('tokens.csv', 1).push(Buffer.from(`${row}\n`));
  return dialect.decoder([]).decode(rows, 0)?.message;
}

describe('an unquoted NULL or \\N', () => {
  test('that nobody called NULL or text rejects its row, wherever it stands', () => {
    const text = 'a,NULL,c\n"a","b",NULL\nNULL,b,c\na,\\N,c\n"a",b,\\N\n';
    expect(fatesOf(text)).toEqual(Array(5).fill('bare-null'));
  });

  test('is also told in another case or in brackets if other fields of the row have quotes', () => {
    const words = ['null', 'Null', '(null)', '<NULL>', '[NULL]'];
    expect(fatesOf(words.map((word) => `"a",${word}\n`).join(''))).toEqual(Array(5).fill('bare-null'));
    expect(messageOf('"a",[NULL]')).toContain("pass --null '[NULL]' if it is NULL");
    expect(fatesOf('"a",nul,nulls,(null))\n')).toEqual([['a', 'nul', 'nulls', '(null))']]);
  });

  test('is text in quotes, in another case and within more text', () => {
    expect(fatesOf('"NULL","\\N"\nnull,NULLS\n\\n,x\\N,\\Nx\n')).toEqual([
      ['NULL', '\\N'],
      ['null', 'NULLS'],
      ['\\n', 'x\\N', '\\Nx'],
    ]);
  });

  test('is what the operator says it is', () => {
    const text = 'a,NULL,\\N\n"b",NULL,\\N\n';
    expect(fatesOf(text, { nullTold: true })).toEqual([
      ['a', 'NULL', '\\N'],
      ['b', 'NULL', '\\N'],
    ]);
    expect(fatesOf(text, { nullTold: true, nullText: '\\N' })).toEqual([
      ['a', 'NULL', null],
      ['b', 'NULL', null],
    ]);
  });

  test('is named by its field, with the flags that settle it', () => {
    const message = "field 2 is \\N without quotes; pass --null '\\N' if it is NULL, --no-null if it is text";
    expect(messageOf('a,\\N')).toBe(message);
    expect(messageOf('"a",\\N')).toBe(message);
    expect(messageOf('NULL,b')).toContain("field 1 is NULL without quotes; pass --null 'NULL'");
  });
});

describe('a backslash that nobody called an escape or text', () => {
  test.each([
    ['a quote', '"say \\"hi\\"",b'],
    ['a closing quote', '"C:\\dir\\",b'],
    ['a backslash', 'C:\\\\dir,b'],
    ['a backslash in quotes', '"C:\\\\dir",b'],
    ['a line end in quotes', '"one\\\ntwo",b'],
    ['a line end of Windows in quotes', '"one\\\r\ntwo",b'],
  ])('before %s rejects its row', (_, row) => {
    expect(fatesOf(`a,1\n${row}\nc,3\n`)).toEqual([['a', '1'], 'bare-backslash', ['c', '3']]);
  });

  test.each(['\n', '\r\n'])(
    'before the line end %j rejects the row with the next line, which may belong to it',
    (end) => {
      const text = ['a,1', 'k1,one\\', 'k9,two', 'c,3', ''].join(end);
      expect(fatesOf(text)).toEqual([['a', '1'], 'bare-backslash', ['c', '3']]);
      const [, rejected, next] = readCsv(Buffer.from(text), untold, 7);
      expect(rejected?.text).toBe(`k1,one\\${end}k9,two${end}`);
      expect(next?.line).toBe(4);
    },
  );

  test('before the end of the file rejects the last row', () => {
    expect(fatesOf('a,1\nb,2\\')).toEqual([['a', '1'], 'bare-backslash']);
    expect(fatesOf('a,1\nb,2\\\n')).toEqual([['a', '1'], 'bare-backslash']);
  });

  test('is text before anything else', () => {
    expect(fatesOf('C:\\new,"C:\\new"\nx\\,y\n')).toEqual([
      ['C:\\new', 'C:\\new'],
      ['x\\', 'y'],
    ]);
  });

  test('is what --escape says it is', () => {
    const text = '"say \\"hi\\"","C:\\\\dir"\n';
    expect(fatesOf(text, { escapeTold: true, escape: '\\' })).toEqual([['say "hi"', 'C:\\dir']]);
    const lines = 'a,C:\\\\dir\nb,C:\\dir\\\nc,3\n';
    expect(fatesOf(lines, { escapeTold: true })).toEqual([
      ['a', 'C:\\\\dir'],
      ['b', 'C:\\dir\\'],
      ['c', '3'],
    ]);
  });

  test('is told with the flags that settle it', () => {
    expect(messageOf('C:\\\\dir')).toBe(
      'a backslash stands before a quote, a backslash or a line end; ' +
        "pass --escape '\\' if it is an escape, --escape '\"' if it is text",
    );
  });

  /** As INTO OUTFILE writes it to a .csv: fields in quotes, and a backslash before quotes, backslashes and line ends. */
  test('never lets text of MySQL through that means another thing', () => {
    const character = fc.constantFrom('"', '\\', '\n', '\r', ',', 'a', 'N', 'k9');
    const value = fc.array(character, { maxLength: 6 }).map((characters) => characters.join(''));
    const table = fc
      .integer({ min: 1, max: 3 })
      .chain((columns) =>
        fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(table, fc.boolean(), fc.constantFrom(...chunkSizes), (rows, optionally, chunkBytes) => {
        const write = (text: string) =>
          optionally && /^\w*$/.test(text) ? text : `"${text.replace(/["\\\n]/g, '\\$&')}"`;
        const text = rows.map((fields) => `${fields.map(write).join(',')}\n`).join('');
        for (const { fields } of readUntilFault(text, chunkBytes)) {
          if (Array.isArray(fields)) expect(rows).toContainEqual(fields);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a row whose last field ends with a carriage return is rejected, even at the end', () => {
  expect(fatesOf('a,1\r\r\nb,2\r\nc,3\r\r\nd,"4"\nf,5\r')).toEqual([
    'undecodable',
    ['b', '2'],
    'undecodable',
    ['d', '4'],
    'undecodable',
  ]);
});

describe('a row that equals the header', () => {
  const header = ['id', 'name'];
  const read = (text: string, settings: Partial<CsvSettings> = {}, names: readonly string[] | undefined = header) =>
    readCsv(Buffer.from(text), { ...untold, ...settings }, 5, undefined, names).map(({ fields }) => fields);

  test.each([
    ['as it was', 'id,name'],
    ['in quotes', '"id","name"'],
    ['with a byte order mark', '\ufeffid,name'],
    ['in quotes with a byte order mark', '\ufeff"id","name"'],
  ])('is rejected %s', (_, row) => {
    expect(read(`1,a\n${row}\n2,b\n`)).toEqual([['1', 'a'], 'header-row', ['2', 'b']]);
  });

  test('in some fields only is a row', () => {
    const text = 'id,nam\nid,name,x\nid\nix,name\n"id","x"\n';
    expect(read(text)).toEqual([['id', 'nam'], ['id', 'name', 'x'], ['id'], ['ix', 'name'], ['id', 'x']]);
  });

  test('is known from --columns where no row is a header, and from both where both name columns', () => {
    expect(read('id,name\na,b\n', { headerNames: ['a', 'b'] })).toEqual(['header-row', 'header-row']);
    expect(fatesOf('id,name\na,b\n', { headerNames: ['a', 'b'] })).toEqual([['id', 'name'], 'header-row']);
  });

  test('is known by names of more than ASCII, and by one that means NULL', () => {
    expect(read('ключ,é\n"ключ",é\n', {}, ['ключ', 'é'])).toEqual(['header-row', 'header-row']);
    expect(read('id,NULL\n', { nullText: 'NULL', nullTold: true }, ['id', 'NULL'])).toEqual(['header-row']);
    expect(read('"id",NULL\n', {}, ['id', 'NULL'])).toEqual(['header-row']);
  });
});

/** The rows up to a quote that is never closed, which ends the reading. */
function readUntilFault(text: string, chunkBytes: number) {
  const dialect = csvDialect(untold);
  const framer = dialect.framer('tokens.csv', 1);
  const decoder = dialect.decoder([]);
  const read: { readonly fields: unknown }[] = [];
  const take = (rows: ReturnType<typeof framer.push>) => {
    for (let i = 0; i < rows.count; i++) {
      if (rows.kinds[i] === 'blank') continue;
      read.push({ fields: decoder.decode(rows, i)?.code ?? [...decoder.fields] });
    }
  };
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += chunkBytes)
    take(framer.push(bytes.subarray(from, from + chunkBytes)));
  try {
    take(framer.end());
  } catch {
    return read;
  }
  return read;
}

describe('with a schema, where the rows may be MySQL text', () => {
  test('a backslash before a letter that MySQL escapes rejects its row', () => {
    expect(fatesOf('a\\0b,\\n\nC:\\temp,x\nC:\\dir,x\n', { schemaTold: true })).toEqual([
      'bare-backslash',
      'bare-backslash',
      ['C:\\dir', 'x'],
    ]);
    expect(fatesOf('a\\0b,\\n\n')).toEqual([['a\\0b', '\\n']]);
  });

  test('a row with another line end than the first is rejected: a CR may belong to its value', () => {
    expect(fatesOf('a,b\nc,d\r\ne,f', { lineEndBytes: 1 })).toEqual([['a', 'b'], 'undecodable', ['e', 'f']]);
    expect(fatesOf('a,b\r\nc,d\n', { lineEndBytes: 2 })).toEqual([['a', 'b'], 'undecodable']);
    // As a resume does, which begins with another row.
    expect(fatesOf('c,d\r\ne,f\n', { lineEndBytes: 1 })).toEqual(['undecodable', ['e', 'f']]);
    expect(fatesOf('a,b\nc,d\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});
