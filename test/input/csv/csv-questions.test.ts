import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { type CsvSettings, csvQuestions } from '../../../src/input/csv/csv.ts';
import { plainCsv } from './csv-files.ts';

const untold: CsvSettings = { ...plainCsv, header: true, escapeTold: false, nullTold: false };

function questionOf(
  text: string,
  changes: Partial<CsvSettings> = {},
  isFormatTold = false,
): [string, string] | undefined {
  try {
    csvQuestions(Buffer.from(text), { ...untold, ...changes }, 'tokens.csv', isFormatTold);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    expect(error.code).toBe('usage');
    return [error.message, error.hint ?? ''];
  }
  return undefined;
}

describe('an unquoted NULL in the sample', () => {
  test('is asked about with the flags for both answers', () => {
    const question = [
      'tokens.csv, line 3: a field is NULL without quotes, which may be NULL or text',
      "Pass --null 'NULL' if it is NULL, or --no-null if it is text.",
    ];
    expect(questionOf('"id","name","note"\n"1","a","b"\n"2","a ""q"" b",NULL\n')).toEqual(question);
    expect(questionOf('id,note\n\n1,NULL\n')).toEqual(question);
    expect(questionOf('id,note\n1,\\N\n')?.[1]).toBe("Pass --null '\\N' if it is NULL, or --no-null if it is text.");
  });

  test('is not asked about where it is told, is quoted, names a column or may be cut', () => {
    expect(questionOf('id,note\n1,NULL\n', { nullTold: true })).toBeUndefined();
    expect(questionOf('id,note\n1,"NULL"\n')).toBeUndefined();
    expect(questionOf('\nid,NULL\n1,a\n')).toBeUndefined();
    expect(questionOf('id,note\n1,a\n2,NULL')).toBeUndefined();
  });

  test('is asked about in the first row where that is no header', () => {
    expect(questionOf('1,NULL\n', { header: false })?.[0]).toContain('line 1: a field is NULL');
  });
});

describe('a backslash in the sample', () => {
  test('that may be an escape is asked about with the flags for every answer', () => {
    expect(questionOf('"id","name"\n"1","line1\\\nline2"\n')).toEqual([
      'tokens.csv, line 2: a backslash stands before a quote, a backslash or a line end',
      "Pass --format mysql --fields-terminated-by ',' --fields-optionally-enclosed-by '\"' if MySQL wrote it, " +
        "--escape '\\' if it escapes quotes, or --escape '\"' if it is text.",
    ]);
    expect(questionOf('id,name\n1,C:\\\\x\n')?.[0]).toContain('line 2');
    expect(questionOf("id\tname\n1\t'it\\'s'\n", { delimiter: '\t', quote: "'", escape: "'" })?.[1]).toContain(
      `--fields-terminated-by '\\t' --fields-optionally-enclosed-by "'"`,
    );
  });

  test('is not asked about where --escape tells or it stands before anything else', () => {
    expect(questionOf('"id"\n"say \\"hi\\""\n', { escapeTold: true, escape: '\\' })).toBeUndefined();
    expect(questionOf('id\nC:\\new\n')).toBeUndefined();
  });
});

describe('line ends of the sample', () => {
  test('that are CR CR LF or CR alone are refused with the flags that read them and the command that converts them', () => {
    const mysql = `Pass --format mysql --fields-terminated-by ',' --fields-optionally-enclosed-by '"' --lines-terminated-by`;
    expect(questionOf('id,name\r\r\n1,a\r\r\n2,b\r\r\n')).toEqual([
      'tokens.csv: its lines end with CR CR LF',
      `${mysql} '\\r\\r\\n' if MySQL wrote it, or convert it and pass the same options: sed 's/\\r*$//' < tokens.csv | import-tokens -`,
    ]);
    expect(questionOf('name,id\r1,a\r')).toEqual([
      'tokens.csv: its lines end with CR alone',
      `${mysql} '\\r' if MySQL wrote it, or convert it and pass the same options: tr '\\r' '\\n' < tokens.csv | import-tokens -`,
    ]);
  });

  test('of one row among others are left to the rules for rows', () => {
    expect(questionOf('id,name\r\n1,a\r\r\n2,b\r\n')).toBeUndefined();
    expect(questionOf('id,name\n1,"a\rb"\n')).toBeUndefined();
  });
});

describe('rows of the sample that begin alike', () => {
  test('with two punctuation characters are asked about', () => {
    const [message, hint] = questionOf('id,name\n>>1,a\n>>2,b\n') ?? [];
    expect(message).toBe('tokens.csv: every row begins with >>, as MySQL writes rows with --lines-starting-by');
    expect(hint).toContain("--format mysql --fields-terminated-by ',' --lines-starting-by '>>'");
    expect(hint).toContain('--format csv');
    expect(questionOf('::1,a\n::2,b\n', { header: false })?.[0]).toContain('begins with ::');
  });

  test.each([
    ['in a CSV that is told to be one', '>>1,a\n>>2,b\n', true],
    ['in one row', 'x\n>>1,a\n', false],
    ['with letters', 'x\nab1\nab2\n', false],
    ['with a letter behind a mark', 'x\n$2y$a\n$2y$b\n', false],
    ['with quotes', '"x"\n"",a\n"",b\n', false],
    ['with delimiters', 'x,y,z\n,,a\n,,b\n', false],
    ['with different marks', 'x\n>>1\n<<2\n', false],
  ])('%s are not asked about', (_, text, isFormatTold) => {
    expect(questionOf(text, {}, isFormatTold)).toBeUndefined();
  });
});

test('a byte order mark and blank lines raise no question', () => {
  expect(questionOf('\ufeffid,name\n\n1,a\n')).toBeUndefined();
  expect(questionOf('')).toBeUndefined();
});
