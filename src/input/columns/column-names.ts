import { type AttributeTemplate, templateColumns } from '../../domain/column.ts';
import { ImportError } from '../../domain/import-error.ts';

/** Flags that name columns of the source. */
type NamedColumns = {
  readonly types: Readonly<Record<string, unknown>>;
  readonly rename: Readonly<Record<string, string>>;
  readonly omit: readonly string[];
  readonly ttlColumn?: string | undefined;
  readonly templates?: readonly AttributeTemplate[];
  readonly deleteWhere?: { readonly column: string } | undefined;
};

/** Throws ImportError `usage` if a flag names a column that the source lacks. `shownNames`: if they may be shown. */
export function refuseUnknownNames(
  sourceNames: readonly string[],
  named: NamedColumns,
  shownNames: readonly string[] | undefined,
): void {
  for (const [flag, names] of [
    ['--types', Object.keys(named.types)],
    ['--rename', Object.keys(named.rename)],
    ['--omit', named.omit],
    ['--ttl-column', named.ttlColumn === undefined ? [] : [named.ttlColumn]],
    ['--set', templateColumns(named.templates ?? [])],
    ['--delete-where', named.deleteWhere === undefined ? [] : [named.deleteWhere.column]],
  ] as const) {
    for (const name of names) {
      if (!sourceNames.includes(name)) throw unknownColumn(flag, name, shownNames, named.rename);
    }
  }
}

function unknownColumn(
  flag: string,
  name: string,
  shownNames: readonly string[] | undefined,
  rename: Readonly<Record<string, string>>,
): ImportError {
  const old = Object.keys(rename).find((key) => rename[key] === name);
  const closest = shownNames && closestName(name, shownNames);
  let hint = 'Pass a name of the source.';
  if (old !== undefined) hint = `Pass the name of the source, ${quoted(old)}, not ${quoted(name)}.`;
  else if (closest !== undefined) hint = `Pass a name of the source: did you mean ${quoted(closest)}?`;
  const list = shownNames === undefined ? '' : `; the source has ${quotedList(shownNames)}`;
  const message = `${flag} names no column: ${quoted(name)}${list}`;
  return new ImportError('usage', message, { hint });
}

/** The name that was probably meant: it differs by few letters, or contains the other. Undefined if there is none. */
export function closestName(name: string, names: readonly string[]): string | undefined {
  const wanted = simplified(name);
  let closest: string | undefined;
  let least = Math.floor(wanted.length / 3) + 1;
  for (const candidate of names) {
    const distance = editDistance(wanted, simplified(candidate));
    if (distance < least) {
      least = distance;
      closest = candidate;
    }
  }
  return closest ?? names.find((candidate) => holdsOther(wanted, simplified(candidate)));
}

export function quoted(name: string): string {
  return JSON.stringify(name);
}

/** Abbreviates the columns of a wide table. */
export function quotedList(names: readonly string[]): string {
  const shown = names.slice(0, maxNamesShown).map(quoted).join(', ');
  return names.length > maxNamesShown ? `${shown} and ${names.length - maxNamesShown} more` : shown;
}

const maxNamesShown = 30;

function simplified(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function holdsOther(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a));
}

/** Number of letters to insert, delete or replace (Levenshtein distance). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

/** Names of columns from a header. `note`: a clause for the operator, if they were changed. */
type HeaderNames = { readonly names: readonly string[]; readonly note?: string };

/**
 * The names of a header without surrounding blanks. Throws ImportError `header-invalid` for a name that is missing, holds a
 * control character, or occurs twice. No message shows a name, because a first row that is not a header may hold a token.
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
  return { names: trimmed, note: 'blanks around column names are ignored' };
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
    hint: 'Pass --columns a,b,..., and --header if the first row is a header.',
  });
}
