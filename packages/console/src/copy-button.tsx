import { useEffect, useState } from 'react';

const SAID_MS = 2_000;

/** Puts a text on the clipboard and says so, also to those who listen. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [answer, setAnswer] = useState<string>();
  useEffect(() => {
    if (answer === undefined) return undefined;
    const timer = setTimeout(() => setAnswer(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [answer]);
  const copy = () => {
    // Without https and off this machine browsers have no clipboard for pages.
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    writing.then(
      () => setAnswer('Copied'),
      () => setAnswer('Select and copy it by hand'),
    );
  };
  return (
    <button type="button" className="copy" aria-label={answer ?? `Copy ${what}`} onClick={copy}>
      <span aria-live="polite">{answer ?? 'Copy'}</span>
    </button>
  );
}
