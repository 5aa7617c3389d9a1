import type { RejectCode } from '../../domain/rejected-row.ts';

/** Why a field does not become a value. The message names the column and shows no value. */
export class FieldFault {
  readonly code: RejectCode;
  readonly message: string;
  constructor(code: RejectCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** A fault whose message is the column and what is to be said of it: `column "quota" is not a number`. */
export function fieldFault(columnName: string, code: RejectCode, predicate: string): FieldFault {
  return new FieldFault(code, `column "${columnName}" ${predicate}`);
}
