import { createHash } from 'node:crypto';
import type { AsyncapiDocument, SocketMessage } from './asyncapi.js';
import { codes, html, type Markup, prose, raw } from './markup.js';
import type { OpenapiDocument, OperationObject } from './openapi.js';

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem;border-bottom:1px solid var(--line)}
code,pre{font:13px/1.45 ui-monospace,monospace;background:var(--soft);border-radius:4px}
code{padding:.1em .3em}pre{padding:.7rem;overflow:auto}pre code{background:none;padding:0}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.2rem .8rem}
details details{margin-left:0}summary{cursor:pointer;padding:.3rem 0}summary,p,td,code{overflow-wrap:anywhere}pre code{overflow-wrap:normal}
.method{display:inline-block;min-width:4.2em;font-weight:700}.path{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-top:1px solid var(--line)}
`;

/** No script, nothing from elsewhere, and this one style: a page that shows documents needs no more. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Both documents as one page for people: complete HTML, which needs nothing else. */
export function docsPage(openapi: OpenapiDocument, asyncapi: AsyncapiDocument): string {
  const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const messages = Object.entries(asyncapi.components.messages);
  const sections = openapi.tags.map(
    ({ name, description }) =>
      html`<h2 id="${anchor(name)}">${name}</h2><p>${description}</p>${operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => operationBlock(method, path, operation))}`,
  );
  const { conversation } = asyncapi.channels;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Backchannel: the API</title><style>${raw(STYLE)}</style></head><body>
<h1>Backchannel: the API</h1>
${prose(openapi.info.description)}
<p>For programs: <a href="openapi.json">openapi.json</a> (REST) and <a href="asyncapi.json">asyncapi.json</a> (the conversation socket).
In the examples <code>$URL</code> is where this server listens, such as <code>http://127.0.0.1:4600</code>, and <code>$KEY</code> your API key,
on loopback <code>$(cat data/api-key)</code>; <code>$CONVERSATION_ID</code> and the like are variables of your shell too.</p>
<ul>${openapi.tags.map(({ name }) => html`<li><a href="#${anchor(name)}">${name}</a></li>`)}<li><a href="#socket">the conversation socket</a></li><li><a href="#schemas">schemas</a></li></ul>
${sections}
<h2 id="socket">The conversation socket</h2>
<p><code>GET ${conversation.address}</code>, upgraded to a WebSocket</p>${prose(conversation.description)}
<h3>What clients send</h3>${messages.filter(([key]) => key.startsWith('client.')).map(([, message]) => messageBlock(message))}
<h3>What clients are sent</h3>${messages.filter(([key]) => key.startsWith('server.')).map(([, message]) => messageBlock(message))}
<h3>How it closes</h3><table><tr><th>code</th><th>reason</th><th></th></tr>${conversation['x-close-codes'].map(
    ({ code, reason, description }) => html`<tr><td>${code}</td><td><code>${reason}</code></td><td>${description}</td></tr>`,
  )}</table>
<h2 id="schemas">Schemas</h2><p>What the others refer to.</p>${Object.entries(openapi.components.schemas).map(([name, schema]) =>
    schemaBlock(name, schema),
  )}
</body></html>
`.text;
}

const anchor = (name: string): string => name.replaceAll(' ', '-');

function operationBlock(method: string, path: string, operation: OperationObject): Markup {
  const { summary, description, parameters, requestBody, responses } = operation;
  const scopes = operation['x-scopes'];
  return html`<details id="${operation.operationId}"><summary><span class="method">${method.toUpperCase()}</span> <span class="path">${path}</span><br>${summary}</summary>
${description === undefined ? [] : prose(description)}
<p>${scopes === undefined ? 'Needs no key.' : html`Needs a key with ${codes(scopes, ' or ')}${scopes.length > 1 ? ': what is asked for decides which' : ''}.`}</p>
${parameters.length === 0 ? [] : html`<table>${parameters.map(parameterRow)}</table>`}
<pre><code>${curlOf(method, path, operation)}</code></pre>
${requestBody === undefined ? [] : schemaBlock('Schema of the body', requestBody.content['application/json'].schema)}
<table>${Object.entries(responses).map(
    ([status, answer]) =>
      html`<tr><td>${status}</td><td>${prose(answer.description)}${Object.entries(answer.content).map(([type, { schema }]) =>
        schema === undefined || Number(status) >= 400 ? [] : schemaBlock(`Schema of the ${type}`, schema),
      )}</td></tr>`,
  )}</table></details>
`;
}

const parameterRow = ({ name, in: place, required, description, schema }: OperationObject['parameters'][number]): Markup =>
  html`<tr><td><code>${name}</code>${required ? ' *' : ''}</td><td>${place}</td><td>${description === undefined ? [] : prose(description)}${kindOf(schema)}</td></tr>`;

/** The kind of a value in a few words, where its schema says so. */
function kindOf(schema: Readonly<Record<string, unknown>>): Markup | string {
  const { type, enum: values, items, default: fallback } = schema;
  const inner = typeof items === 'object' && items !== null ? kindOf({ ...items }) : '';
  const kind = Array.isArray(values)
    ? codes(values.map(String))
    : type === 'array'
      ? html`any of: ${inner}`
      : typeof type === 'string'
        ? type
        : '';
  return fallback === undefined ? kind : html`${kind}, ${codes([String(fallback)])} unless given`;
}

const schemaBlock = (name: string, schema: unknown): Markup =>
  html`<details><summary>${name}</summary><pre><code>${JSON.stringify(schema, null, 2)}</code></pre></details>`;

/** Braces would be a pattern to curl. */
const variable = (name: string): string => `$${name.toUpperCase()}`;

function curlOf(method: string, path: string, { parameters, requestBody, 'x-scopes': scopes }: OperationObject): string {
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name }) => `${name}=${variable(name)}`);
  const example = requestBody?.content['application/json'].example;
  return [
    'curl',
    ...(method === 'get' || example !== undefined ? [] : ['-X', method.toUpperCase()]),
    ...(method === 'patch' && example !== undefined ? ['-X', 'PATCH'] : []),
    `"$URL${path.replace(/\{(\w+)\}/g, (_, name: string) => variable(name))}${query.length === 0 ? '' : `?${query.join('&')}`}"`,
    ...(scopes === undefined ? [] : ['-H "xi-api-key: $KEY"']),
    ...(example === undefined ? [] : ["-H 'content-type: application/json'", `-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`]),
  ].join(' ');
}

const messageBlock = ({ name, summary, payload, examples, 'x-served': served }: SocketMessage): Markup =>
  html`<details id="${name}"><summary><code>${name}</code> ${summary}${served ? '' : ' (Not used here today.)'}</summary>
<pre><code>${JSON.stringify(examples[0]?.payload, null, 2)}</code></pre>${schemaBlock('Schema of the frame', payload)}</details>
`;
