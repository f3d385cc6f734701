import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { pythonPath } from '../../scripts/lib/python.mjs';
import type { TestServer } from '../harness/start-server.js';
import { PythonSdk } from './python/python-sdk.js';

const interpreter = pythonPath(fileURLToPath(new URL('../..', import.meta.url)));

/** Tests with the official Python SDK: skipped where there is no Python (`npm test` says so), never in CI. */
export const describeInPython = describe.skipIf(!existsSync(interpreter) && !process.env.CI);

/** One Python process for all tests of a `describe`, pointed at the server. */
export function onePython(server: () => TestServer): () => PythonSdk {
  let sdk: PythonSdk | undefined;
  beforeAll(async () => {
    sdk = await PythonSdk.start(interpreter, server());
  });
  afterAll(() => sdk?.stop());
  return () => {
    if (sdk === undefined) throw new Error('Python runs only while tests do.');
    return sdk;
  };
}

/** One for a single test. */
export async function pythonFor(server: TestServer): Promise<PythonSdk> {
  const sdk = await PythonSdk.start(interpreter, server);
  onTestFinished(() => sdk.stop());
  return sdk;
}
