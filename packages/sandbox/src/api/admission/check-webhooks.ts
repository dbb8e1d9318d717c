import { duplicate, invalid, required } from '../../schema/errors.ts';
import type { FieldError } from '../../schema/schema.ts';
import { isObject, type JsonObject } from '../object.ts';
import type { Check } from '../registry/checks.ts';
import { checkConditions, checkRules, forbidden, oneOf } from './check-policy.ts';
import { objects, texts } from './matching.ts';

const OPERATIONS = ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'];
const MAX_TIMEOUT_SECONDS = 30;

/** A MutatingWebhookConfiguration as the API server takes it. */
export const checkWebhooks: Check = (configuration) => {
  const webhooks = objects(configuration['webhooks']);
  const names = webhooks.map(({ name }) => name);
  return webhooks.flatMap((webhook, index) => [
    ...(names.indexOf(webhook['name']) < index
      ? [duplicate(`webhooks[${index}].name`, webhook['name'])]
      : []),
    ...checkWebhook(`webhooks[${index}]`, webhook),
  ]);
};

function checkWebhook(field: string, webhook: JsonObject): FieldError[] {
  const { name, timeoutSeconds } = webhook;
  const parts = typeof name === 'string' ? name.split('.') : [];
  const versions = texts(webhook['admissionReviewVersions']);
  const timeout = typeof timeoutSeconds === 'number' ? timeoutSeconds : 0;
  return [
    ...(parts.length < 3 || parts.includes('')
      ? [invalid(`${field}.name`, name, 'should be a domain with at least three segments separated by dots')]
      : []),
    ...(versions.length === 0 ? [required(`${field}.admissionReviewVersions`)] : []),
    ...(versions.length > 0 && !versions.includes('v1') && !versions.includes('v1beta1')
      ? [invalid(`${field}.admissionReviewVersions`, versions, 'must include at least one of v1, v1beta1')]
      : []),
    ...checkRules(`${field}.rules`, objects(webhook['rules']), OPERATIONS),
    ...oneOf(`${field}.failurePolicy`, webhook['failurePolicy'], ['Fail', 'Ignore']),
    ...oneOf(`${field}.matchPolicy`, webhook['matchPolicy'], ['Exact', 'Equivalent']),
    ...oneOf(`${field}.reinvocationPolicy`, webhook['reinvocationPolicy'], ['Never', 'IfNeeded']),
    ...oneOf(`${field}.sideEffects`, webhook['sideEffects'], ['None', 'NoneOnDryRun']),
    ...(timeout < 1 || timeout > MAX_TIMEOUT_SECONDS
      ? [
          invalid(
            `${field}.timeoutSeconds`,
            timeoutSeconds,
            'the timeout value must be between 1 and 30 seconds',
          ),
        ]
      : []),
    ...checkConditions(`${field}.matchConditions`, webhook['matchConditions']),
    ...checkClient(`${field}.clientConfig`, webhook['clientConfig']),
  ];
}

function checkClient(field: string, value: unknown): FieldError[] {
  const config = isObject(value) ? value : {};
  const { url, service } = config;
  if ((url === undefined) === (service === undefined)) {
    return [
      {
        field,
        reason: 'FieldValueRequired',
        message: 'Required value: exactly one of url or service is required',
      },
    ];
  }
  if (typeof url !== 'string') return [];
  const parsed = URL.parse(url);
  if (parsed === null) return [invalid(`${field}.url`, url, 'url must be a valid URL')];
  return [
    ...(parsed.protocol === 'https:'
      ? []
      : [invalid(`${field}.url`, url, "'https' is the only allowed URL scheme")]),
    ...(parsed.search === '' && parsed.hash === '' && parsed.username === ''
      ? []
      : [forbidden(`${field}.url`, 'user, query and fragment are not permitted')]),
  ];
}
