import { ImportError } from './import-error.ts';

/** An attribute made of constants and columns of a row. */
export type AttributeTemplate = {
  readonly name: string;
  /** Undefined: as the table's keys say, else S. */
  readonly type: 'S' | 'N' | undefined;
  /** Constants as text, and columns by their names in the source. */
  readonly parts: readonly (string | TemplateColumn)[];
};

export type TemplateColumn = { readonly column: string };

/**
 * Parses `attribute=text`, `attribute:S=text` or `attribute:N=text`, where `{column}` stands for a field of the row, and
 * `{{` and `}}` for a brace. Throws ImportError `usage`.
 */
export function parseTemplate(text: string): AttributeTemplate {
  const cut = text.indexOf('=');
  const given = text.slice(0, Math.max(0, cut)).trim();
  const content = text.slice(cut + 1);
  const colon = given.lastIndexOf(':');
  const name = colon === -1 ? given : given.slice(0, colon);
  if (cut === -1 || name === '' || content === '') {
    throw refused(
      "expected ATTRIBUTE=TEXT, such as 'pk=TOKEN#{token}'",
      'Quote it, so that the shell leaves # and { alone.',
    );
  }
  const type = colon === -1 ? undefined : typeOf(name, given.slice(colon + 1));
  return { name, type, parts: partsOf(name, content) };
}

/** The columns that templates take, each once. */
export function templateColumns(templates: readonly AttributeTemplate[]): readonly string[] {
  const columns = templates.flatMap(({ parts }) =>
    parts.flatMap((part) => (typeof part === 'string' ? [] : part.column)),
  );
  return [...new Set(columns)];
}

function typeOf(name: string, word: string): 'S' | 'N' {
  const type = word.toUpperCase();
  if (type === 'S' || type === 'N') return type;
  throw refused(
    `attribute "${name}" can be one of the types S, N, not "${word}"`,
    'Add the type after the last colon if the attribute has colons in its name: a:b:S=TEXT.',
  );
}

function partsOf(name: string, text: string): AttributeTemplate['parts'] {
  const parts: (string | TemplateColumn)[] = [];
  let constant = '';
  for (const [found, column] of text.matchAll(/\{\{|\}\}|\{([^{}]+)\}|[^{}]+|[{}]/g)) {
    if (column !== undefined) {
      if (constant !== '') parts.push(constant);
      constant = '';
      parts.push({ column });
    } else if (found === '{' || found === '}') {
      throw refused(
        `attribute "${name}" has a single ${found}`,
        'Write {column} for a column, and {{ or }} for a brace.',
      );
    } else {
      constant += found === '{{' || found === '}}' ? found[0] : found;
    }
  }
  if (constant !== '') parts.push(constant);
  return parts;
}

function refused(what: string, hint: string): ImportError {
  return new ImportError('usage', `--set: ${what}`, { hint });
}
