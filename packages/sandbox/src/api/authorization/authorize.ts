import type { ApiCore, Target } from '../core.ts';
import { ApiError } from '../errors.ts';
import { type Access, isAllowed } from './rbac.ts';
import type { UserInfo } from './users.ts';

/** The verb of a request, in the words of RBAC. */
export function verbOf(method: string, query: URLSearchParams, name: string): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      if (['true', '1'].includes(query.get('watch') ?? '')) return 'watch';
      return name === '' ? 'list' : 'get';
  }
}

/** @throws ApiError 403, in the words of a real server */
export function authorize(core: ApiCore, user: UserInfo, verb: string, target: Target): void {
  const { type, namespace, name, subresource } = target;
  const access: Access = { verb, group: type.group, resource: type.plural, subresource, namespace, name };
  if (isAllowed(core, user, access)) return;
  const resource = subresource === '' ? type.plural : `${type.plural}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `${type.plural}${type.group === '' ? '' : `.${type.group}`}${name === '' ? '' : ` "${name}"`}`;
  throw new ApiError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${user.username}" cannot ${verb} resource "${resource}" in API group "${type.group}" ${where}`,
    {
      ...(name === '' ? {} : { name }),
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
    },
  );
}
