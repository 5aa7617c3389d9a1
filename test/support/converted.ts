import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** An item of DynamoDB JSON. */
export type StoredItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The items of each file of a conversion, by the name of the file, read with zlib and JSON.parse alone. */
export function readConverted(folder: string): Map<string, StoredItem[]> {
  const names = readdirSync(join(folder, 'data')).sort();
  return new Map(names.map((name) => [`data/${name}`, itemsOf(join(folder, 'data', name))]));
}

function itemsOf(path: string): StoredItem[] {
  const text = gunzipSync(readFileSync(path)).toString();
  if (!text.endsWith('\n')) throw new Error(`${path} does not end with a line feed`);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const { Item, ...others } = JSON.parse(line) as { Item: StoredItem };
      if (Object.keys(others).length > 0) throw new Error(`${path} holds more than items`);
      return Item;
    });
}

/** SHA-256 of every file in a folder, by name. */
export function sumsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), sha256(readFileSync(path))]));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
