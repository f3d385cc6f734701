import { isObject } from '@backchannel/protocol';

/** What a route says about itself, as the server's own document tells it. */
export type DeclaredRoute = {
  readonly method: string;
  /** With `{name}` for a parameter. */
  readonly path: string;
  readonly id: string;
  /** Any one is enough; undefined: it asks for no key. */
  readonly scopes: readonly string[] | undefined;
  /** The narrowest key that it serves. */
  readonly reach: 'conversation' | 'agents' | 'workspace' | undefined;
  /** Names an agent in its query or its body. */
  readonly query: readonly string[];
  readonly example: object | undefined;
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every route of a running server with its policy. Throws for one that declares none. */
export async function declaredRoutes(url: string): Promise<DeclaredRoute[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => routeOf(method.toUpperCase(), path, operation)),
  );
}

function routeOf(method: string, path: string, operation: unknown): DeclaredRoute {
  if (!isObject(operation)) throw new Error(`${method} ${path} is not described.`);
  const isOpen = Array.isArray(operation.security) && operation.security.length === 0;
  const scopes = operation['x-scopes'];
  const reach = operation['x-reach'];
  if (!isOpen && !(Array.isArray(scopes) && scopes.length > 0 && typeof reach === 'string'))
    throw new Error(`${method} ${path} declares no policy.`);
  const parameters = (Array.isArray(operation.parameters) ? operation.parameters : []) as { name: string; in: string; required: boolean }[];
  return {
    method,
    path,
    id: String(operation.operationId),
    // Both were looked at just now.
    scopes: isOpen ? undefined : (scopes as string[]),
    reach: isOpen ? undefined : (reach as DeclaredRoute['reach']),
    query: parameters.filter((parameter) => parameter.in === 'query' && parameter.required).map(({ name }) => name),
    example: exampleOf(operation.requestBody),
  };
}

function exampleOf(body: unknown): object | undefined {
  const content = isObject(body) && isObject(body.content) ? body.content['application/json'] : undefined;
  return isObject(content) && isObject(content.example) ? content.example : undefined;
}
