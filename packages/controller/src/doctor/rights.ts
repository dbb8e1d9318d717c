import type { KubeApi } from '../kube/api.ts';
import type { Right } from '../planes/shared/right.ts';

/**
 * Asks the API server for every right that a plane needs.
 * @returns one line per rule of which something is missing, with what it is for and the remedy
 * @throws KubeError when the server does not answer
 */
export async function missingRights(
  api: Pick<KubeApi, 'may'>,
  rights: readonly Right[],
  manifest: string,
): Promise<string[]> {
  const lines = await Promise.all(
    rights.map(async ({ groups, resources, verbs, namespace, purpose }) => {
      const wanted = groups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb }))),
      );
      const answers = await Promise.all(
        wanted.map((each) => api.may({ ...each, ...(namespace !== undefined && { namespace }) })),
      );
      const missing = wanted.filter((_, index) => answers[index] === false);
      if (missing.length === 0) return null;
      const named = Map.groupBy(missing, ({ group, resource }) =>
        group === '' ? resource : `${resource}.${group}`,
      );
      const what = [...named].map(([name, each]) => `${each.map(({ verb }) => verb).join(', ')} ${name}`);
      const where = namespace === undefined ? '' : ` in the namespace ${namespace}`;
      return `may not ${what.join('; ')}${where} (${purpose}): kubectl apply -k ${manifest}`;
    }),
  );
  return lines.filter((line) => line !== null);
}
