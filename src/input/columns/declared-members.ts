/** What is asked of a field's text, and of its bytes where they have not become text. */
type MemberTest = {
  isMember(text: string): boolean;
  /** False says nothing. */
  isMemberAt(bytes: DataView, start: number, end: number): boolean;
};

/**
 * Whether text is a value of an ENUM or SET with these members. Empty text always is: the server stores it for a value
 * that is not listed.
 */
export function memberTest(sqlType: string, members: readonly string[]): MemberTest {
  // The server drops blanks at the end of a member.
  const listed = new Set(members.flatMap((member) => [member, member.replace(/ +$/, '')]));
  // SHOW CREATE TABLE writes `?` for what its character set lacks, such as emoji.
  const isSpelled = !members.some((member) => /[?\ufffd]/.test(member));
  const isListed = sqlType.startsWith('set')
    ? (text: string) => listed.has(text) || text.split(',').every((one) => listed.has(one))
    : (text: string) => listed.has(text);
  return {
    isMember: (text) => text === '' || isListed(text) || !(isSpelled || isAscii.test(text)),
    isMemberAt: bytesTest([...listed]),
  };
}

/** Only the first members of a length are looked at, so that a long list costs no more than reading the field. */
function bytesTest(texts: readonly string[]): MemberTest['isMemberAt'] {
  const byLength: Uint8Array[][] = [];
  for (const text of texts) {
    const bytes = Uint8Array.from(Buffer.from(text));
    if (bytes.length > longestCompared) continue;
    while (byLength.length <= bytes.length) byLength.push([]);
    const alike = byLength[bytes.length]!;
    if (alike.length < mostCompared) alike.push(bytes);
  }
  return (bytes, start, end) => {
    const length = end - start;
    if (length === 0) return true;
    if (length >= byLength.length) return false;
    const alike = byLength[length]!;
    for (let i = 0; i < alike.length; i++) if (isSame(bytes, start, alike[i]!)) return true;
    return false;
  };
}

function isSame(bytes: DataView, start: number, member: Uint8Array): boolean {
  for (let i = member.length - 1; i >= 0; i--) if (bytes.getUint8(start + i) !== member[i]) return false;
  return true;
}

const longestCompared = 255;
const mostCompared = 8;
const isAscii = /^[\x00-\x7f]*$/;
