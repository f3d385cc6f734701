import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { CopyButton } from './copy-button.js';
import { type Call, type Language, snippet } from './snippets.js';

const LANGUAGES: readonly { readonly language: Language; readonly name: string }[] = [
  { language: 'curl', name: 'curl' },
  { language: 'fetch', name: 'fetch (Node)' },
  { language: 'python', name: 'Python' },
];

/** The same message as a call, in each language; arrow keys go from tab to tab. */
export function CodeTabs({ call }: { readonly call: Call }) {
  const [chosen, setChosen] = useState<Language>('curl');
  const tabs = useRef(new Map<Language, HTMLButtonElement>());
  const id = useId();
  const code = snippet(chosen, call);

  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = LANGUAGES.findIndex(({ language }) => language === chosen);
    const next = LANGUAGES.at((at + step) % LANGUAGES.length)?.language ?? chosen;
    setChosen(next);
    tabs.current.get(next)?.focus();
  };
  return (
    <>
      <h3>The same from a terminal</h3>
      <div className="code">
        <div className="tabs">
          <div role="tablist" aria-label="The same as a call" onKeyDown={move}>
            {LANGUAGES.map(({ language, name }) => (
              <button
                key={language}
                type="button"
                role="tab"
                id={`${id}-${language}`}
                aria-selected={language === chosen}
                aria-controls={`${id}-code`}
                tabIndex={language === chosen ? 0 : -1}
                ref={(element) => {
                  if (element !== null) tabs.current.set(language, element);
                }}
                onClick={() => setChosen(language)}
              >
                {name}
              </button>
            ))}
          </div>
          <CopyButton text={code} what={`the ${chosen} call`} />
        </div>
        <pre role="tabpanel" id={`${id}-code`} aria-labelledby={`${id}-${chosen}`}>
          <code>{code}</code>
        </pre>
      </div>
    </>
  );
}
