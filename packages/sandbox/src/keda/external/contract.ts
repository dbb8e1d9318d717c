import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { trusted } from '../../runtime/client/trust.ts';

/**
 * KEDA's contract with external scalers, package `externalscaler`: names, numbers and types as they go over
 * the wire.
 *
 * @see https://keda.sh/docs/latest/concepts/external-scalers/
 */
function descriptor(floats: boolean): object {
  const field = (type: string, id: number, more: object = {}): object => ({ type, id, ...more });
  return {
    nested: {
      externalscaler: {
        nested: {
          ExternalScaler: {
            methods: {
              IsActive: { requestType: 'ScaledObjectRef', responseType: 'IsActiveResponse' },
              StreamIsActive: {
                requestType: 'ScaledObjectRef',
                responseType: 'IsActiveResponse',
                responseStream: true,
              },
              GetMetricSpec: { requestType: 'ScaledObjectRef', responseType: 'GetMetricSpecResponse' },
              GetMetrics: { requestType: 'GetMetricsRequest', responseType: 'GetMetricsResponse' },
            },
          },
          ScaledObjectRef: {
            fields: {
              name: field('string', 1),
              namespace: field('string', 2),
              scalerMetadata: field('string', 3, { keyType: 'string' }),
            },
          },
          IsActiveResponse: { fields: { result: field('bool', 1) } },
          GetMetricSpecResponse: { fields: { metricSpecs: field('MetricSpec', 1, { rule: 'repeated' }) } },
          MetricSpec: {
            fields: {
              metricName: field('string', 1),
              targetSize: field('int64', 2),
              ...(floats ? { targetSizeFloat: field('double', 3) } : {}),
            },
          },
          GetMetricsRequest: {
            fields: { scaledObjectRef: field('ScaledObjectRef', 1), metricName: field('string', 2) },
          },
          GetMetricsResponse: { fields: { metricValues: field('MetricValue', 1, { rule: 'repeated' }) } },
          MetricValue: {
            fields: {
              metricName: field('string', 1),
              metricValue: field('int64', 2),
              ...(floats ? { metricValueFloat: field('double', 3) } : {}),
            },
          },
        },
      },
    },
  };
}

/** The client's class; `floats` are in the contract since KEDA 2.17. */
export function externalScalerClient(floats: boolean): ServiceClientConstructor {
  const definition = fromJSON(trusted(descriptor(floats)), { longs: Number, defaults: true });
  const loaded = loadPackageDefinition(definition);
  const { ExternalScaler } = trusted<{ ExternalScaler: ServiceClientConstructor }>(loaded['externalscaler']);
  return ExternalScaler;
}
