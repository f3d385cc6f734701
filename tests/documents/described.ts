import { isObject, parseJson } from '@backchannel/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The parts of an OpenAPI document that answers are held against. */
export type Openapi = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
export type DescribedOperation = {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example?: object } } };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { readonly schema?: object }>> }>>;
};

export type Ask = { readonly key?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
export type Answered = { readonly status: number; readonly contentType: string; readonly body: unknown };

const pointer = (...parts: readonly string[]): string => parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');

/** Holds the answers of a running server against its own document, and knows which operations have answered what. */
export class Described {
  /** `operationId status`, each once. */
  readonly seen = new Set<string>();
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(
    readonly url: string,
    readonly document: Openapi,
  ) {
    this.ajv.addSchema(document, 'document');
  }

  static async of(url: string): Promise<Described> {
    const response = await fetch(`${url}/openapi.json`);
    // What the other tests show to be one.
    return new Described(url, (await response.json()) as Openapi);
  }

  /** Asks, and fails when the answer is not as the document has it. `path` is whole. */
  async ask(method: string, path: string, { key, body, headers }: Ask = {}): Promise<Answered> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...json, ...(key === undefined ? {} : { 'xi-api-key': key }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = parseJson(text);
    const answered = {
      status: response.status,
      contentType: (response.headers.get('content-type') ?? '').split(';')[0] ?? '',
      body: parsed.ok ? parsed.value : text,
    };
    this.check(method, path, answered);
    return answered;
  }

  check(method: string, path: string, { status, contentType, body }: Answered): void {
    const [template, operation] = this.find(method.toLowerCase(), path.split('?')[0] ?? '');
    const what = `${method} ${path} → ${status}`;
    const content = operation.responses[status]?.content;
    if (content === undefined) throw new Error(`${what}: this status is not in the document. ${JSON.stringify(body)}`);
    const type = contentType in content ? contentType : '*/*';
    const media = content[type];
    if (media === undefined) throw new Error(`${what}: ${contentType} is not in the document.`);
    if (media.schema !== undefined) {
      const place = pointer('paths', template, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema');
      const validate = this.ajv.getSchema(`document#/${place}`);
      if (validate === undefined) throw new Error(`${what}: no schema at ${place}.`);
      if (!validate(body)) throw new Error(`${what}: ${this.ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`);
    }
    this.seen.add(`${operation.operationId} ${status}`);
  }

  private find(method: string, path: string): [string, DescribedOperation] {
    const fitting = Object.entries(this.document.paths).filter(
      ([template, methods]) => method in methods && new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    // The one with the fewest parameters is meant, as the router sees it.
    fitting.sort(([a], [b]) => a.split('{').length - b.split('{').length);
    const [template, methods] = fitting[0] ?? [];
    const operation = methods?.[method];
    if (template === undefined || operation === undefined) throw new Error(`${method} ${path} is not in the document.`);
    return [template, operation];
  }
}

/** A text member of an answer's body. */
export function textIn({ body }: Answered, name: string): string {
  const value = isObject(body) ? body[name] : undefined;
  if (typeof value !== 'string') throw new Error(`There is no ${name} in ${JSON.stringify(body)}`);
  return value;
}
