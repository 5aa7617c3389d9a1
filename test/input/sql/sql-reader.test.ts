import { describe, expect, test } from 'vitest';
import type { Mark } from '../../../src/domain/checkpoint.ts';
import { RowReader } from '../../../src/input/row-reader.ts';
import { RunningHash } from '../../../src/input/source-hash.ts';
import { sqlDialect } from '../../../src/input/sql/sql.ts';
import { BlockRows } from '../../../src/pipeline/take-rows.ts';
import { textSource } from '../text-source.ts';
import { chunkSizes, wholeTokens } from './sql-files.ts';

const rows =
  "INSERT INTO tokens VALUES (1,'a'),\n(2,'b\nb');\nINSERT INTO other VALUES (3,'c');\nINSERT INTO tokens VALUES (4,'d');";
const dump = `-- MySQL dump 10.13\n\n${rows}\n-- Dump completed\n`;

type Taken = { readonly text: string; readonly mark: Mark };

/** The rows of the files from a mark on, each with the mark that it leaves. */
async function read(texts: readonly string[], chunkBytes: number, mark?: Mark): Promise<Taken[]> {
  const reader = new RowReader(textSource(texts, chunkBytes), sqlDialect(wholeTokens), new RunningHash(), mark);
  const taken: Taken[] = [];
  let ordinal = mark?.ordinal ?? 0;
  for await (const block of reader.blocks()) {
    const blockRows = new BlockRows(block);
    while (blockRows.advance()) {
      const row = blockRows.row(ordinal++);
      const byteOffset = row.byteOffset + row.byteLength;
      const line = row.line + row.lines;
      taken.push({
        text: Buffer.from(row.bytes).toString(),
        mark: { fileIndex: row.fileIndex, byteOffset, ordinal, line },
      });
    }
  }
  return taken;
}

describe('the rows of dumps in several files', () => {
  test.each(chunkSizes.slice(0, -1))(
    'are gone on with after any of them, in chunks of %i bytes',
    async (chunkBytes) => {
      const files = [dump, dump];
      const whole = await read(files, chunkBytes);
      expect(whole.map(({ text }) => text)).toEqual([
        ...["(1,'a'),\n", "(2,'b\nb');", "(4,'d');"],
        ...["(1,'a'),\n", "(2,'b\nb');", "(4,'d');"],
      ]);
      expect(whole[2]!.mark.line).toBe(7);
      for (const [i, { mark }] of whole.entries())
        expect(await read(files, chunkBytes, mark)).toEqual(whole.slice(i + 1));
    },
  );

  test('are told to be cut short by a resume too, though all of them are done', async () => {
    const cut = dump.slice(0, dump.indexOf(rows) + rows.length);
    const told = {
      code: 'source-truncated',
      message: expect.stringContaining('does not end with "-- Dump completed"'),
    };
    for (const chunkBytes of [1, 7, 4096]) {
      await expect(read([cut], chunkBytes)).rejects.toMatchObject(told);
      const [, , last] = await read([dump], chunkBytes);
      expect(last!.mark.byteOffset).toBe(cut.length);
      await expect(read([cut], chunkBytes, last!.mark)).rejects.toMatchObject(told);
    }
  });
});
