/** A patch that cannot be applied, with the HTTP status that the API server answers. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
