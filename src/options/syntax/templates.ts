import { parseTemplate } from '../../domain/column.ts';
import { type Syntax, usageError } from './syntax.ts';

/** `attribute=text` with `{column}` in it, added to those of the same flag before. */
export const templates: Syntax<readonly string[]> = {
  placeholder: '<attr=text>',
  parse(text, flag, previous = []) {
    const { name } = parseTemplate(text);
    if (previous.includes(text)) return previous;
    if (previous.some((other) => parseTemplate(other).name === name)) {
      throw usageError(`${flag}: attribute "${name}" is given twice`, `Leave out one ${flag}.`);
    }
    return [...previous, text];
  },
  format: (list) => list,
};
