import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { roomsSeenFrom } from './support/import-rules.ts';

const root = new URL('../', import.meta.url);
const guide = readFileSync(new URL('.github/CONTRIBUTING.md', root), 'utf8');

test('CONTRIBUTING names only files and folders that exist', () => {
  const paths = Array.from(guide.matchAll(/`((?:src|test|bin|\.github|\.ci)(?:\/[\w./-]+)?)`/g), ([, path]) => path!);
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test('CONTRIBUTING shows every room with what it may import', () => {
  const rows = Array.from(guide.matchAll(/^\| `src\/(\w+)` \| .* \| ([\w/., ]+) \|$/gm), ([, room, seen]) => [
    room,
    seen,
  ]);
  const rules = Object.entries(roomsSeenFrom).filter(([room]) => room !== 'index');
  const expected = rules.map(([room, seen]) => [room, seen.length === 0 ? 'nothing' : seen.join(', ')]);
  expect(rows.toSorted()).toEqual(expected.toSorted());
});
