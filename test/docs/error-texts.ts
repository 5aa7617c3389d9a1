import { readdirSync } from 'node:fs';
import { parseAst } from 'vitest/node';
import { readRepositoryFile } from './documents.ts';

type Node = { readonly type: string; readonly [field: string]: unknown };

/** A message as the source writes it, with `<name>` for what is inserted. */
export type ErrorText = { readonly code: string; readonly message: string; readonly hint: string };

/** Every error that the source makes, sorted by code and message. */
export function errorTexts(): ErrorText[] {
  const files = readdirSync(new URL('../../src', import.meta.url), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const program = parseAst(readRepositoryFile(`src/${file}`), { lang: 'ts' }) as unknown as Node;
      return new TextReader(program).errors(program);
    });
  const byText = new Map(texts.map((text) => [JSON.stringify(text), text]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

/** Reads texts from the nodes of one file; a variable that the file declares once is read as what it holds. */
class TextReader {
  readonly #values = new Map<string, Node | 'several'>();

  constructor(program: Node) {
    this.#collect(program);
  }

  errors(node: Node): ErrorText[] {
    const nested = childrenOf(node).flatMap((child) => this.errors(child));
    const callee = isNode(node['callee']) ? String(node['callee']['name']) : '';
    const args = (node['arguments'] ?? []) as Node[];
    if (node.type === 'NewExpression' && callee === 'ImportError') {
      return [{ code: this.#text(args[0]), message: this.#text(args[1]), hint: this.#hint(args[2]) }, ...nested];
    }
    if (node.type === 'CallExpression' && callee === 'usageError') {
      return [{ code: 'usage', message: this.#text(args[0]), hint: this.#text(args[1]) }, ...nested];
    }
    return nested;
  }

  #collect(node: Node): void {
    const { id, init } = node as { id?: Node; init?: Node | null };
    if (node.type === 'VariableDeclarator' && id?.type === 'Identifier') {
      const name = String(id['name']);
      this.#values.set(name, this.#values.has(name) || !isNode(init) ? 'several' : init);
    }
    for (const child of childrenOf(node)) this.#collect(child);
  }

  /** The property `hint`, also where it is spread on a condition. */
  #hint(options: Node | undefined): string {
    if (options === undefined) return '';
    if (options.type === 'Property') {
      const isHint = (options['key'] as Node)['name'] === 'hint';
      return isHint ? this.#text(options['value'] as Node) : '';
    }
    if (!/^(?:Object|Logical|Conditional|Parenthesized)Expression$|^SpreadElement$/.test(options.type)) return '';
    return childrenOf(options)
      .map((child) => this.#hint(child))
      .join('');
  }

  #text(node: Node | undefined): string {
    if (node === undefined) return '';
    switch (node.type) {
      case 'Literal':
        return String(node['value']);
      case 'TemplateLiteral': {
        const quasis = (node['quasis'] as Node[]).map((quasi) => (quasi['value'] as { cooked: string }).cooked);
        const inserted = (node['expressions'] as Node[]).map((expression) => this.#text(expression));
        return quasis.map((quasi, i) => (i === 0 ? '' : inserted[i - 1]) + quasi).join('');
      }
      case 'ConditionalExpression': {
        const [one, other] = [this.#text(node['consequent'] as Node), this.#text(node['alternate'] as Node)];
        return one === '' || other === '' ? `[${one}${other}]` : `{${one} | ${other}}`;
      }
      case 'BinaryExpression':
        return this.#text(node['left'] as Node) + this.#text(node['right'] as Node);
      case 'ParenthesizedExpression':
      case 'TSAsExpression':
      case 'TSNonNullExpression':
        return this.#text(node['expression'] as Node);
      default:
        return node['name'] === 'undefined' ? '' : this.#named(node);
    }
  }

  #named(node: Node): string {
    const name = nameOf(node);
    const value = node.type === 'Identifier' ? this.#values.get(name) : undefined;
    if (value === undefined || value === 'several' || !isText(value)) return `<${name}>`;
    this.#values.set(name, 'several');
    const text = this.#text(value);
    this.#values.set(name, value);
    return text;
  }
}

function isText({ type, value }: Node): boolean {
  return /^(?:TemplateLiteral|ConditionalExpression)$/.test(type) || (type === 'Literal' && typeof value === 'string');
}

/** The name that says most: of a variable, of the last property, of what a call is given or else of what is called. */
function nameOf(node: Node): string {
  if (typeof node['name'] === 'string') return node['name'];
  if (node.type === 'MemberExpression') {
    const { name } = node['property'] as Node;
    const isPlain = node['computed'] !== true && !['join', 'map', 'length'].includes(String(name));
    return nameOf(node[isPlain ? 'property' : 'object'] as Node);
  }
  if (node.type === 'CallExpression') {
    const [first] = node['arguments'] as Node[];
    const isNamed = first !== undefined && /^(?:Identifier|MemberExpression)$/.test(first.type);
    return nameOf(isNamed ? first : (node['callee'] as Node));
  }
  return isNode(node['expression']) ? nameOf(node['expression']) : '...';
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === 'string';
}
