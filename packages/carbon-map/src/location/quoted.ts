const LONGEST = 60;

/**
 * What somebody wrote, for a sentence about it. The sentence ends in conditions, Events, logs and terminals: the text is
 * shortened to 60 characters, and what would act there instead of being read (line ends, ESC, marks that turn the
 * direction) is escaped.
 */
export function quoted(written: string): string {
  const short = written.length <= LONGEST ? written : `${written.slice(0, LONGEST - 3)}...`;
  return JSON.stringify(short).replaceAll(/[\p{Cc}\p{Cf}]/gu, escaped);
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
