import { isObject } from '@backchannel/protocol';
import fc from 'fast-check';
import { oddJson, oddValue } from './odd-json.js';
import { valuesOf } from './schema-values.js';

type Document = Readonly<Record<string, unknown>>;
export type OddRequest = {
  readonly method: string;
  /** With its query; where an id of something that exists belongs, `{name}`. */
  readonly path: string;
  readonly body: string | Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a 503 is declared here. */
  readonly may503: boolean;
};

const objects = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);
const encode = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return encodeURIComponent(Buffer.from(text).toString()).slice(0, 8_000);
};

/** Undefined but once in so many times. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: times - 1 }, { arbitrary, weight: 1 });

/** Of every operation of the document: requests as it describes them, and such that differ from it. */
export function oddRequests(document: Document): fc.Arbitrary<OddRequest> {
  const paths = isObject(document.paths) ? document.paths : {};
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {}).flatMap(([method, operation]) =>
      isObject(operation) ? [{ path, method, operation }] : [],
    ),
  );
  if (operations.length === 0) throw new Error('The document has no operations.');
  return fc.oneof(...operations.map(({ path, method, operation }) => requestsOf(document, path, method, operation)));
}

function requestsOf(document: Document, path: string, method: string, operation: Document): fc.Arbitrary<OddRequest> {
  const query = objects(operation.parameters).filter((parameter) => parameter.in === 'query');
  const content = isObject(operation.requestBody) && isObject(operation.requestBody.content) ? operation.requestBody.content : {};
  const media = content['application/json'];
  const schema = isObject(media) ? media.schema : undefined;
  const body = schema === undefined ? undefined : oddJson(valuesOf(schema, document).map((value) => (isObject(value) ? value : { value })));
  return fc
    .record({
      place: fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: oddValue, weight: 1 }),
      values: fc.tuple(
        ...query.map((parameter) => fc.option(fc.oneof(valuesOf(parameter.schema, document), oddValue), { nil: undefined })),
      ),
      more: rarely(fc.tuple(fc.string(), oddValue), 5),
      body: body ?? rarely(fc.constant('{}'), 3),
      bytes: rarely(fc.uint8Array({ maxLength: 200 }), 15),
      idempotencyKey: rarely(fc.oneof(fc.uuid(), fc.constantFrom('', 'x'.repeat(300), 'with space')), 4),
      type: rarely(fc.constantFrom('text/plain', 'application/xml', 'application/json; charset=latin1', 'x'), 15),
    })
    .map(({ place, values, more, body: json, bytes, idempotencyKey, type }) => {
      const given = query.flatMap(({ name }, at) => (values[at] === undefined ? [] : [`${name}=${encode(values[at])}`]));
      if (more !== undefined) given.push(`${encode(more[0])}=${encode(more[1])}`);
      const here = place === undefined ? path : path.replace(/\{\w+\}/g, encode(place));
      const sent = method === 'get' || method === 'delete' ? undefined : bytes === undefined ? json : Buffer.from(bytes);
      return {
        method: method.toUpperCase(),
        path: given.length === 0 ? here : `${here}?${given.join('&')}`,
        body: typeof sent === 'string' ? patient(sent) : sent,
        headers: {
          ...(sent === undefined ? {} : { 'content-type': type ?? 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        may503: isObject(operation.responses) && '503' in operation.responses,
      };
    });
}

/** Nobody waits long here. */
const patient = (body: string): string =>
  body.replace(/"timeout_ms":\s*\d+/g, '"timeout_ms":1').replace(/"wait_for"/g, '"timeout_ms":1,"wait_for"');
