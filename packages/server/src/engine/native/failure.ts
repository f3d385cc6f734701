/** What of a failure may stand in a log: class, status and code, down its causes. Its text may quote a prompt, so it does not. */
export function failureFields(error: unknown): { cause?: string; status?: number; code?: string } {
  if (!(error instanceof Error)) return {};
  const { status, code } = error as { status?: unknown; code?: unknown }; // every error may carry them, none must
  const inner = error.cause === undefined ? {} : failureFields(error.cause);
  return {
    ...inner,
    cause: inner.cause === undefined ? error.name : `${error.name}: ${inner.cause}`,
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}
