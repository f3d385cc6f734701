import { Agent, request } from 'node:http';

export type Answered = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

const AT_MOST_MS = 60_000;
const BASE = '/v1/convai';

/** A backend with connections of its own that it can close, so that what a server has open in the end is the server's. */
export class SoakApi {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(
    private readonly port: number,
    private readonly apiKey: string,
  ) {}

  /** Rejects when no whole answer came. `key` is the idempotency key. */
  ask(method: string, path: string, sent?: unknown, key?: string): Promise<Answered> {
    return this.#request(method, `${BASE}${path}`, sent, key).then(({ status, text }) => ({ status, body: JSON.parse(text || '{}') }));
  }

  /** One number of `/metrics`. */
  async metric(name: string): Promise<number> {
    const { text } = await this.#request('GET', '/metrics');
    return Number(new RegExp(`^backchannel_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  #request(method: string, path: string, sent?: unknown, key?: string): Promise<{ status: number; text: string }> {
    const headers = {
      'xi-api-key': this.apiKey,
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: this.port, method, path, headers, agent: this.#agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.once('error', reject);
      });
      asked.setTimeout(AT_MOST_MS, () => asked.destroy(new Error(`${method} ${path} was not answered`)));
      asked.once('error', reject);
      asked.end(sent === undefined ? undefined : JSON.stringify(sent));
    });
  }
}
