import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createPinoLog, type LogLevel } from './pino-log.js';

function captured(level: LogLevel) {
  const lines: string[] = [];
  return { lines, log: createPinoLog(level, { write: (line) => void lines.push(line) }) };
}

describe('the log', () => {
  it('[RT5] writes one JSON line with level, time, sentence and fields', () => {
    const { lines, log } = captured('info');
    log.info({ conversation_id: 'conv_1', seq: 7 }, 'A client joined.');
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(
      /^\{"level":"info","time":"\d{4}-\d\d-\d\dT[\d:.]+Z","conversation_id":"conv_1","seq":7,"msg":"A client joined\."\}\n$/,
    );
  });

  it('[RT5] is silent below its level', () => {
    const { lines, log } = captured('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(lines.map((line) => line.includes('"msg":"c"') || line.includes('"msg":"d"'))).toEqual([true, true]);
    expect(captured('silent').log.error({}, 'x')).toBeUndefined();
  });

  it('[RT6] never holds a key or a signature, wherever it stands', () => {
    const { lines, log } = captured('debug');
    const error = new Error('wss://h/p?token=sesame failed', { cause: new Error('bearer.sesame') });
    const inner: Record<string, unknown> = { deep: 'xi-api-key=sesame' };
    inner.self = inner;
    log.warn(
      {
        url: '/v1/convai/conversation?agent_id=a&conversation_signature=sesame',
        headers: { authorization: 'Bearer sesame', 'xi-api-key': 'sesame', host: 'h' },
        protocols: ['convai', 'bearer.sesame'],
        err: Object.assign(error, { code: 'E1', signed_url: 'sesame' }),
        inner,
      },
      'Refused.',
    );
    log.error(error, 'As an error itself.');
    const written = lines.join('');
    expect(written).not.toContain('sesame');
    expect(written).toContain('"host":"h"');
    expect(written).toContain('"code":"E1"');
    expect(written).toContain('"message":"wss://h/p?token=[redacted] failed"');
  });

  it('[RT5] leaves standard output to people, and loses nothing at an orderly exit', async () => {
    const script = `
      import { createPinoLog } from ${JSON.stringify(new URL('./pino-log.js', import.meta.url).href)};
      createPinoLog('info').info({}, 'the last line');
      process.exit(0);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect(out).toBe('');
    expect(err).toContain('the last line');
  });
});
