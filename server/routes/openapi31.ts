import type { OpenAPIHono } from '@hono/zod-openapi';
import { OPEN311_ROOT } from './open311.ts';
import type { AppEnv } from './router.ts';

type Config = Parameters<OpenAPIHono<AppEnv>['getOpenAPI31Document']>[0];
type Document = ReturnType<OpenAPIHono<AppEnv>['getOpenAPI31Document']>;

/**
 * The contract of all routes. What an operation may fail with beyond what it names (a wrong parameter, an unknown token, a
 * request too many) has one body, which every operation says.
 */
export function openApi31(routes: OpenAPIHono<AppEnv>, config: Config): Document {
  const document = routes.getOpenAPI31Document(config);
  const any = {
    description: 'Any other failure',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    // GeoReport v2 has failures of a shape of its own.
    if (path.startsWith(`${OPEN311_ROOT}/`)) continue;
    for (const operation of [operations.get, operations.post, operations.put, operations.patch, operations.delete]) {
      if (operation?.responses !== undefined) operation.responses['default'] ??= any;
    }
  }
  return document;
}
