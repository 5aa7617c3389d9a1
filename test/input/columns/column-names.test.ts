import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../src/domain/import-error.ts';
import { headerNames, headerProblem } from '../../../src/input/columns/column-names.ts';

function problemOf(names: readonly string[]): ImportError {
  try {
    headerNames(names);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('the header is in order');
}

describe('names of a header', () => {
  test('that differ are taken as they are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-zé_ ]*[a-zé_]$/).map((name) => name.trim())), (unique) => {
        expect(headerNames(unique)).toEqual({ names: unique });
      }),
    );
  });

  test('lose the blanks around them, which is said', () => {
    expect(headerNames(['id', ' user name', 'note\t', '\xa0at '])).toEqual({
      names: ['id', 'user name', 'note', 'at'],
      note: 'blanks around column names are ignored',
    });
  });

  test.each([
    [['a', 'b', 'a', 'b'], 'columns 1 and 3 in the header have the same name'],
    [['a', 'b', ' a'], 'columns 1 and 3 in the header have the same name'],
    [['a', '', 'c'], 'column 2 of 3 in the header has no name'],
    [['a', ' '], 'column 2 of 2 in the header has no name'],
    [[''], 'column 1 of 1 in the header has no name'],
    [['id', 'name\r'], 'the name of column 2 of 2 in the header holds a control character'],
    [['id\u0000x', 'name'], 'the name of column 1 of 2 in the header holds a control character'],
    [['first\nname'], 'the name of column 1 of 1 in the header holds a control character'],
  ])('%j are refused: %s', (names, message) => {
    const problem = problemOf(names);
    expect(problem).toMatchObject({ code: 'header-invalid', message });
    expect(problem.hint).toContain('--columns');
  });

  test('are never shown, since the first row may be data', () => {
    const { message, hint } = problemOf(['secret', 'a', 'secret']);
    expect(`${message} ${hint}`).not.toContain('secret');
  });
});

test('names that are told may hold blanks', () => {
  expect(headerProblem([' a', 'a'])).toBeUndefined();
  expect(headerProblem(['a', 'a'])).toMatchObject({ code: 'header-invalid' });
});
