import { equalJson, type KubeObject } from '../object.ts';

/**
 * Which policies or webhooks run a second time. Admission goes through all of them once; when one changed the
 * object, those with reinvocationPolicy `IfNeeded` that ran before the change run once more.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
 */
export class Reinvocation {
  /** Ran, and may run again. */
  readonly #reinvocable = new Set<string>();
  /** Are to run again. */
  readonly #due = new Set<string>();
  #lastOutput: KubeObject | undefined;

  /** Call it before a second round: somebody else may have changed the object after the first. */
  begin(object: KubeObject | undefined): void {
    if (this.#lastOutput !== undefined && !equalJson(this.#lastOutput, object)) this.changed();
  }

  /** The object has changed: whoever ran so far and may run again is due. */
  changed(): void {
    for (const key of this.#reinvocable) this.#due.add(key);
    this.#reinvocable.clear();
  }

  ran(key: string, policy: unknown): void {
    if (policy === 'IfNeeded') this.#reinvocable.add(key);
  }

  isDue(key: string): boolean {
    return this.#due.has(key);
  }

  end(object: KubeObject | undefined): void {
    this.#lastOutput = object;
  }
}
