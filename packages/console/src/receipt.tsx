import { kindOf } from './outgoing-message.js';
import { badEnd, type ShownReceipt } from './receipts.js';

const WORDS: Readonly<Record<string, string>> = {
  accepted: 'stored for good',
  applied: 'taken up',
  replied: 'the answer is complete',
  spoken: 'the user has it',
};

/** How far one message has got: a station for each level that its type can reach, and the time that it took. */
export function Receipt({ receipt }: { readonly receipt: ShownReceipt }) {
  const { type, text, urgency, levels, ended, downgraded } = receipt;
  const kind = kindOf(type);
  const wrong = badEnd(receipt);
  const reached = new Map(levels.map((level) => [level.level, level]));
  return (
    <li className={ended ? 'receipt ended' : 'receipt'}>
      <p className="sent">
        <span className="name">{kind?.name ?? type}</span> <q>{text}</q>
        <span className="urgency">
          {urgency}
          {downgraded && ', waited for a protected reply'}
        </span>
      </p>
      <ol className="levels" aria-label="How far it has got" aria-live="polite">
        {(kind?.levels ?? levels.map(({ level }) => level)).map((name) => {
          const level = reached.get(name);
          return (
            <li key={name} className={level === undefined ? 'ahead' : 'reached'} title={WORDS[name]}>
              <span className="level">{name}</span>
              <span className="after">{level === undefined ? (wrong === undefined ? '…' : '–') : afterOf(level.afterMs)}</span>
              {level?.complete === false && <span className="after">cut short</span>}
            </li>
          );
        })}
      </ol>
      {wrong !== undefined && (
        <p className="problem" role="alert">
          {wrong}
        </p>
      )}
    </li>
  );
}

function afterOf(ms: number): string {
  if (ms === 0) return '0 ms';
  return ms < 1_000 ? `+${ms} ms` : `+${(ms / 1_000).toFixed(1)} s`;
}
