import type { FieldError } from '../../schema/schema.ts';
import type { ObjectMeta } from '../object.ts';
import type { ResourceType } from '../registry/resource.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
  "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
  "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
  "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
  "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
  "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used " +
  "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

function bad(field: string, value: unknown, rule: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${rule}` };
}

function required(field: string, why: string): FieldError {
  return { field, reason: 'FieldValueRequired', message: `Required value${why === '' ? '' : `: ${why}`}` };
}

/** Checks the names, keys and values in `metadata` that Kubernetes restricts for every kind. */
export function validateMetadata(type: ResourceType, metadata: ObjectMeta): FieldError[] {
  return [
    ...validateName(type, metadata.name),
    ...Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => [
      ...validateKey('metadata.labels', key),
      ...validateLabelValue(value),
    ]),
    ...Object.keys(metadata.annotations ?? {}).flatMap((key) =>
      validateKey('metadata.annotations', key.toLowerCase()),
    ),
    ...validateOwners(metadata),
    ...(metadata.finalizers ?? []).flatMap((name) => validateKey('metadata.finalizers', name)),
  ];
}

function validateName(type: ResourceType, name: string | undefined): FieldError[] {
  if (name === undefined || name === '') {
    return [required('metadata.name', 'name or generateName is required')];
  }
  switch (type.strategy.nameRule) {
    case 'path':
      return /[/%]/.test(name) || name === '.' || name === '..'
        ? [bad('metadata.name', name, "may not contain '/' or '%'")]
        : [];
    case 'label':
      return check(name, LABEL, 63, LABEL_RULE);
    case 'service':
      return check(name, SERVICE, 63, SERVICE_RULE);
    case undefined:
    default:
      return check(name, SUBDOMAIN, 253, SUBDOMAIN_RULE);
  }
}

function check(name: string, pattern: RegExp, limit: number, rule: string): FieldError[] {
  const errors: FieldError[] = [];
  if (name.length > limit)
    errors.push(bad('metadata.name', name, `must be no more than ${limit} characters`));
  if (!pattern.test(name)) errors.push(bad('metadata.name', name, rule));
  return errors;
}

function validateKey(field: string, key: string): FieldError[] {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  const errors: FieldError[] = [];
  if (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix))) {
    errors.push(bad(field, key, `prefix part ${SUBDOMAIN_RULE}`));
  }
  if (name.length > 63) errors.push(bad(field, key, 'name part must be no more than 63 characters'));
  if (!QUALIFIED.test(name)) errors.push(bad(field, key, KEY_RULE));
  return errors;
}

function validateLabelValue(value: string): FieldError[] {
  if (value.length > 63) return [bad('metadata.labels', value, 'must be no more than 63 characters')];
  return LABEL_VALUE.test(value) ? [] : [bad('metadata.labels', value, VALUE_RULE)];
}

function validateOwners(metadata: ObjectMeta): FieldError[] {
  return (metadata.ownerReferences ?? []).flatMap((owner) => {
    return (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((part) => typeof owner[part] !== 'string' || owner[part] === '')
      .map((part) => required(`metadata.ownerReferences.${part}`, 'must not be empty'));
  });
}
