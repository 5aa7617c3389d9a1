/** Turns a flag's text into its value, or throws a usage error that names the flag. `previous`: the flag was there before. */
export type Parser<Value> = (text: string, flag: string, previous: Value | undefined) => Value;
