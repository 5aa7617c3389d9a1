import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { characterSet } from '../../src/input/mysql/characters/character-sets.ts';
import { type SqlServer, sqlProducts } from '../support/sql-server.ts';
import { characterSetTablesSource, readCharacterSets, type ServerCharacterSets } from './character-set-source.ts';

describe.each(sqlProducts)('the character sets of $name', ({ enabled, start }) => {
  describe.skipIf(!enabled)('are known', { timeout: 60_000 }, () => {
    let server: SqlServer;
    let sets: ServerCharacterSets;
    beforeAll(async () => {
      server = await start();
      sets = readCharacterSets(server);
    }, 60_000);
    afterAll(() => server?.stop());

    test('every byte of every single-byte set is decoded as the server converts it', () => {
      expect(sets.size).toBe(25);
      for (const [name, points] of sets) {
        const decoded = points.map((_, byte) => decode(name, byte));
        const converted = points.map((point) => (point === undefined ? undefined : String.fromCodePoint(point)));
        expect(decoded, name).toEqual(converted);
      }
    });

    test('every other set is known by its kind, and every collation by its set', () => {
      const kinds = server.query('SHOW CHARACTER SET', '--skip-column-names').toString().trim().split('\n');
      const unreadable = kinds
        .map((line) => line.split('\t')[0]!)
        .filter((name) => !sets.has(name) && !name.startsWith('utf8'));
      expect(unreadable.map((name) => characterSet(name)?.kind)).toEqual(
        unreadable.map((name) => (name === 'binary' ? 'binary' : 'multi-byte')),
      );
      expect(unreadable.length).toBeGreaterThan(10);
      const sql =
        'SELECT collation_name, character_set_name FROM information_schema.collations WHERE collation_name LIKE CONCAT(character_set_name, "%")';
      const collations = server.query(sql, '--skip-column-names').toString().trim().split('\n');
      for (const line of collations) {
        const [collation, name] = line.split('\t');
        expect(characterSet(collation!)?.name, collation).toBe(name);
      }
      expect(collations.length).toBeGreaterThan(200);
    });

    test('the tables in the source are those of the server', async () => {
      await expect(characterSetTablesSource(sets)).toMatchFileSnapshot(
        '../../src/input/mysql/characters/character-set-tables.ts',
      );
    });
  });
});

function decode(name: string, byte: number): string | undefined {
  const set = characterSet(name);
  if (set?.kind !== 'single-byte' && set?.kind !== 'ascii') throw new Error(`${name} has no decoder`);
  return set.decode(Buffer.from([byte]));
}
