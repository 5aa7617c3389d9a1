/** Forms that are grammatical and yet have to be decoded; plain English has a common word for each. */
const forms: readonly RegExp[] = [
  /(?<!there )\b(?:is|are|be) no (?!more\b|longer\b|more than\b|row is\b)/,
  /\bso many\b/,
  /\bjust so\b/,
  /\bbehind\b/,
  /\bbeside\b/,
  /\bbesides\b/,
  /\banew\b/,
  /\bsuch (?!file|folder|as\b|a\b|an\b)/,
  /\bas fast as it is told\b/,
  /\bwarned of\b/,
  /\bmakes sure\b/,
  /\bleave .{1,60} (?:away|out of one)\b/,
  /\bis owed\b/,
  /\bis none\b/,
  /\bthere is none\b/,
  /\bnone that could\b/,
  /\bstays what it is\b/,
  /\bcomes by\b/,
  /\bcuts? (?:it|them) off\b/,
  /\bsay what an import would be\b/,
  /--\w+ says how to\b/,
  /\bfresh ones do not come\b/,
  /\bcan't be asked for\b/,
  /\bcan come late\b/,
  /\bcannot be told (?:here|whether)\b/,
  /\bdivide the source\b/,
  /\bwhere it is kept that\b/,
  /\bwhatever becomes of\b/,
  /\bdoes a work\b/,
  /\bweather\b/,
  /\bof a field that\b/,
  /, since\b/,
];

/** The forms of the wrong voice in a text. */
export function wrongVoice(text: string): string[] {
  const words = text.toLowerCase().replaceAll(/\s+/g, ' ');
  return forms.flatMap((form) => Array.from(words.matchAll(new RegExp(form, 'g')), ([found]) => found.trim()));
}
