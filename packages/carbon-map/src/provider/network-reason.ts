/** What else than a code says why. */
const WORDS: Readonly<Record<string, string>> = {
  AbortError: 'ended by the caller',
  TimeoutError: 'no answer in time',
  HTTPParserError: 'its answer is not HTTP',
};

/**
 * Why a request got no answer: the system's word for it (`ECONNREFUSED`), since `fetch failed` alone helps nobody. Free
 * texts are left out, since some repeat the URL or the header that could not be sent.
 */
export function networkReason(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    const words = WORDS[at.name];
    if (words !== undefined) return words;
  }
  return error instanceof Error ? `${error.name} while sending or reading` : 'for no given reason';
}
