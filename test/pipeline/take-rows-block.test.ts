import { expect, test } from 'vitest';
import { csvDialect } from '../../src/input/csv/csv.ts';
import { BlockRows } from '../../src/pipeline/take-rows.ts';
import { plainCsv } from '../input/csv/csv-files.ts';

test('rows have their place in the source, blank lines and those within quotes counted', () => {
  const text = '\na,1\r\n\n"b\nb",2\n\nc,3\n\n';
  const rows = csvDialect(plainCsv).framer('tokens.csv', 1).push(Buffer.from(text));
  const taken = new BlockRows({ rows, fileIndex: 2, line: 10, byteOffset: 1000 });
  const seen = [];
  for (let ordinal = 7; taken.advance(); ordinal++) {
    const row = taken.row(ordinal);
    const { fileIndex, line, lines, byteOffset, byteLength } = row;
    expect(Buffer.from(row.bytes).toString()).toBe(text.slice(byteOffset - 1000, byteOffset - 1000 + byteLength));
    expect(rows.nexts[taken.index]! - rows.starts[taken.index]!).toBe(byteLength);
    seen.push({ fileIndex, ordinal: row.ordinal, line, lines, byteOffset });
  }
  expect(seen).toEqual([
    { fileIndex: 2, ordinal: 7, line: 11, lines: 1, byteOffset: 1001 },
    { fileIndex: 2, ordinal: 8, line: 13, lines: 2, byteOffset: 1007 },
    { fileIndex: 2, ordinal: 9, line: 16, lines: 1, byteOffset: 1016 },
  ]);
  expect(taken.advance()).toBe(false);
});
