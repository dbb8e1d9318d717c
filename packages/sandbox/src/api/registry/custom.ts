import {
  type CustomResource,
  type CustomResourceVersion,
  parseCustomResourceDefinition,
} from '../../schema/crd.ts';
import type { KubeObject } from '../object.ts';
import { checkScale } from './checks.ts';
import type { PrinterColumn, ResourceType } from './resource.ts';

/** The column that a table shows when a definition names none. */
const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  jsonPath: '.metadata.creationTimestamp',
};

/**
 * The resources that a CustomResourceDefinition serves, one per served version.
 * @throws InvalidDefinitionError for a definition that cannot be served
 */
export function customResources(definition: KubeObject): ResourceType[] {
  const resource = parseCustomResourceDefinition(definition);
  const storage = resource.versions.find((version) => version.storage)?.name ?? '';
  return resource.versions
    .filter((version) => version.served)
    .map((version) => customResource(resource, version, storage));
}

function customResource(
  { group, names, scope }: CustomResource,
  version: CustomResourceVersion,
  storageVersion: string,
): ResourceType {
  const { scale, status } = version.subresources;
  const declared = version.additionalPrinterColumns;
  return {
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular,
    shortNames: names.shortNames,
    categories: names.categories,
    namespaced: scope === 'Namespaced',
    storage: `${group}/${names.plural}`,
    storageVersion: `${group}/${storageVersion}`,
    hasStatus: status,
    scale:
      scale === undefined
        ? undefined
        : {
            specReplicas: scale.specReplicasPath.replace(/^\./, ''),
            statusReplicas: scale.statusReplicasPath.replace(/^\./, ''),
            selector: scale.labelSelectorPath?.replace(/^\./, ''),
          },
    hasGeneration: true,
    custom: true,
    review: false,
    schema: version.schema,
    columns: declared.length === 0 ? [AGE] : declared,
    selectableFields: version.selectableFields.map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    strategy:
      scale === undefined ? {} : { check: checkScale([scale.specReplicasPath, scale.statusReplicasPath]) },
  };
}
