import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** What the files of each room may import, types included, other than those of their own; `adapters` stands for every adapter. */
export const roomsSeenFrom: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ['domain'],
  input: ['domain', 'ports'],
  limit: ['domain', 'ports'],
  pipeline: ['domain', 'ports', 'input', 'limit'],
  report: ['domain', 'ports'],
  options: ['domain'],
  adapters: ['domain', 'ports', 'input', 'adapters/aws', 'adapters/packing'],
  cli: ['compose', 'options', 'report', 'domain', 'package.json'],
  compose: ['domain', 'ports', 'input', 'limit', 'pipeline', 'report', 'options', 'adapters'],
  index: ['cli', 'compose', 'domain', 'ports', 'options', 'adapters'],
};

/** The files and folders that may import a package, or any of a scope. */
const packageOwners: Readonly<Record<string, readonly string[]>> = {
  commander: ['cli/'],
  'csv-parse': ['input/'],
  'lossless-json': ['input/'],
  'p-limit': ['pipeline/worker-pool.ts'],
  pino: ['report/'],
  uplot: ['report/page/charted-page.ts'],
  '@aws-sdk/': ['adapters/aws/', 'adapters/dynamodb/', 'adapters/s3/'],
  '@smithy/': ['adapters/aws/', 'adapters/dynamodb/', 'adapters/s3/'],
  undici: ['adapters/aws/', 'adapters/dynamodb/', 'adapters/s3/'],
  mysql2: ['adapters/mysql/'],
};

/** Where the world outside the program may be touched, by the module or global that touches it. */
const worldOwners: Readonly<Record<string, string>> = {
  process: 'cli/',
  console: 'cli/',
  'node:process': 'cli/',
  'node:console': 'cli/',
  setTimeout: 'adapters/system/',
  setInterval: 'adapters/system/',
  'Date.now': 'adapters/system/',
  'new Date()': 'adapters/system/',
  'Math.random': 'adapters/system/',
  'performance.now': 'adapters/system/',
  'node:timers': 'adapters/system/',
  'node:timers/promises': 'adapters/system/',
};

/** Rooms of nouns and promises, which know no runtime. */
const roomsWithoutBuiltins = ['domain', 'ports'];

/** Every module that a file imports, in every way that TypeScript has. */
export function importsOf(text: string): readonly string[] {
  return read(text).imports;
}

type Reading = { readonly imports: readonly string[]; readonly globals: readonly string[] };

/** Every breach of the import rules in the text of a file, in words; `path` is relative to `src`. */
export function breachesOf(path: string, text: string): string[] {
  const room = roomOf(path);
  if (room === undefined) return [`src/${path} is in no room`];
  const { imports, globals } = read(text);
  const worldly = [...globals, ...imports]
    .filter((name) => Object.hasOwn(worldOwners, name) && !path.startsWith(worldOwners[name]!))
    .map((name) => `src/${path}: ${name} belongs to src/${worldOwners[name]}`);
  return [...imports.flatMap((specifier) => importBreach(path, room, specifier)), ...worldly];
}

function importBreach(path: string, room: string, specifier: string): string[] {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    const targetRoom = roomOf(target);
    if (targetRoom === undefined) return [`src/${path} imports ${specifier}, which is in no room`];
    return mayBeSeen(room, targetRoom) ? [] : [`src/${path}: ${room} may not import ${targetRoom} (${specifier})`];
  }
  if (specifier.startsWith('node:')) {
    return roomsWithoutBuiltins.includes(room) ? [`src/${path}: ${room} may not import ${specifier}`] : [];
  }
  if (builtinModules.includes(specifier)) return [`src/${path}: import ${specifier} as node:${specifier}`];
  const owners = ownersOfPackage(specifier);
  if (owners === undefined) return [`src/${path}: package ${specifier} has no owner`];
  const isOwned = owners.some((owner) => path.startsWith(owner));
  return isOwned ? [] : [`src/${path}: package ${specifier} belongs to src/${owners.join(' and src/')}`];
}

/** The folder in `src`, for adapters the folder in that, so that one adapter never sees another. */
function roomOf(path: string): string | undefined {
  if (path === 'index.ts') return 'index';
  if (path === '../package.json') return 'package.json';
  const folders = posix.dirname(path).split('/');
  const top = folders[0] ?? '';
  if (!Object.hasOwn(roomsSeenFrom, top)) return undefined;
  return top === 'adapters' ? folders.slice(0, 2).join('/') : top;
}

function mayBeSeen(room: string, target: string): boolean {
  const seen = roomsSeenFrom[room.split('/')[0] ?? ''] ?? [];
  return target === room || seen.includes(target) || (target.startsWith('adapters/') && seen.includes('adapters'));
}

function ownersOfPackage(specifier: string): readonly string[] | undefined {
  const name = Object.keys(packageOwners).find(
    (owned) => specifier === owned || specifier.startsWith(owned.endsWith('/') ? owned : `${owned}/`),
  );
  return name === undefined ? undefined : packageOwners[name];
}

type Node = { readonly type: string; readonly [field: string]: unknown };

/** What a file imports, in every way that TypeScript has, and which globals of the outer world it names. */
function read(text: string): Reading {
  const imports: string[] = [];
  const globals: string[] = [];
  visit(parseAst(text, { lang: 'ts' }) as unknown as Node, (node) => {
    const source = node['source'] as Node | null | undefined;
    if (typeof source?.['value'] === 'string') {
      imports.push(source['value']);
    } else if (node.type === 'ImportExpression') {
      imports.push('<computed>');
    }
    const name = globalName(node);
    if (name !== undefined) globals.push(name);
  });
  return { imports, globals };
}

/** `Date.now` for that member, `setTimeout` for that name, where the node is one of them. */
function globalName(node: Node): string | undefined {
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'MemberExpression') {
    const property = node['property'] as Node;
    const object = node['object'] as Node;
    const key = node['computed'] === true ? property['value'] : property['name'];
    return object['name'] === 'globalThis' ? String(key) : `${object['name']}.${key}`;
  }
  const callee = node['callee'] as Node | undefined;
  const isNow = node.type === 'NewExpression' && callee?.['name'] === 'Date';
  return isNow && (node['arguments'] as Node[]).length === 0 ? 'new Date()' : undefined;
}

/** Calls `enter` for every node but names of members and properties, which name nothing outside. */
function visit(node: Node, enter: (node: Node) => void): void {
  enter(node);
  for (const [field, value] of Object.entries(node)) {
    if ((field === 'property' || field === 'key') && node['computed'] !== true) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') visit(child as Node, enter);
    }
  }
}
