import { ImportError } from '../../domain/import-error.ts';

/** Names of columns as a header gives them; `note`, a clause for the operator, where they were changed. */
type HeaderNames = { readonly names: readonly string[]; readonly note?: string };

/**
 * The names of a header without the blanks around them. Throws ImportError `header-invalid` for a name that is missing,
 * holds a control character, or comes twice. No message shows a name: a first row that is no header may hold a token.
 */
export function headerNames(names: readonly string[]): HeaderNames {
  const trimmed = names.map((name) => name.replace(/^[ \t\xa0]+|[ \t\xa0]+$/g, ''));
  const controlled = trimmed.findIndex((name) => controlCharacter.test(name));
  if (controlled !== -1) {
    throw invalidHeader(
      `the name of column ${controlled + 1} of ${names.length} in the header holds a control character`,
    );
  }
  const problem = headerProblem(trimmed);
  if (problem !== undefined) throw problem;
  if (trimmed.every((name, i) => name === names[i])) return { names };
  return { names: trimmed, note: 'blanks around column names are left out' };
}

const controlCharacter = /[\x00-\x1f\x7f]/;

/** What is wrong with names of columns, as ImportError `header-invalid`, or undefined. */
export function headerProblem(names: readonly string[]): ImportError | undefined {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const place = index + 1;
    if (name === '') return invalidHeader(`column ${place} of ${names.length} in the header has no name`);
    const earlier = seen.get(name);
    if (earlier !== undefined) return invalidHeader(`columns ${earlier} and ${place} in the header have the same name`);
    seen.set(name, place);
  }
  return undefined;
}

function invalidHeader(message: string): ImportError {
  return new ImportError('header-invalid', message, {
    hint: 'Name the columns with --columns a,b,..., and pass --header if the first row is a header.',
  });
}
