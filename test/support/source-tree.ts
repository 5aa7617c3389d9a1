import { posix } from 'node:path';
import { importsOf } from './import-rules.ts';

/** The text of each file of `src`, by its path there. */
export type SourceTree = ReadonlyMap<string, string>;

const maxFiles = 260;
const maxFilesOfFolder = 18;
const maxLines = 300;
/** A generated table of character sets. */
const generated = ['input/mysql/characters/character-set-tables.ts'];

/** Whether `src` has too many files, in words. */
export function fileCountBreaches(tree: SourceTree): string[] {
  return tree.size > maxFiles ? [`src has ${tree.size} files, more than ${maxFiles}`] : [];
}

/** Folders and files that are too large. */
export function oversizes(tree: SourceTree): string[] {
  const counts = new Map<string, number>();
  for (const path of tree.keys()) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  return [
    ...[...counts]
      .filter(([, count]) => count > maxFilesOfFolder)
      .map(([folder, count]) => `src/${folder} has ${count} files, more than ${maxFilesOfFolder}`),
    ...[...tree]
      .filter(([path]) => !generated.includes(path))
      .map(([path, text]) => [path, text.trimEnd().split('\n').length] as const)
      .filter(([, lines]) => lines > maxLines)
      .map(([path, lines]) => `src/${path} has ${lines} lines, more than ${maxLines}`),
  ];
}

/** Circles of imports, each as its files in order; type imports count too. */
export function importCircles(tree: SourceTree): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) circles.push([...trail.slice(at), path].map((file) => `src/${file}`).join(' > '));
    if (at !== -1 || done.has(path)) return;
    for (const target of targetsOf(path, tree)) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of tree.keys()) visit(path, []);
  return circles;
}

function targetsOf(path: string, tree: SourceTree): string[] {
  const specifiers = importsOf(tree.get(path)!).filter((specifier) => specifier.startsWith('.'));
  return specifiers.map((one) => posix.join(posix.dirname(path), one)).filter((target) => tree.has(target));
}

/**
 * Test files in a folder that mirrors one of `src` whose name is not that of a source file there, with or without a topic:
 * `b.test.ts` or `b-topic.test.ts` for `b.ts`. Deeper folders belong to the folder of `src` that they are nearest to.
 */
export function strayTests(testPaths: readonly string[], tree: SourceTree): string[] {
  const stems = new Map<string, string[]>();
  for (const path of tree.keys()) {
    const folder = posix.dirname(path);
    stems.set(folder, [...(stems.get(folder) ?? []), posix.basename(path, '.ts')]);
  }
  return testPaths.filter((path) => {
    const names = stems.get(posix.dirname(path));
    if (names === undefined || !path.includes('/') || !path.endsWith('.test.ts')) return false;
    const name = posix.basename(path, '.test.ts');
    return !names.some((stem) => name === stem || name.startsWith(`${stem}-`));
  });
}
