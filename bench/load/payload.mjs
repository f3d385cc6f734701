const DIGITS = 9;
const TEXT = 'Your parcel has left the depot and will be with you between ten and eleven. '.repeat(3).slice(0, 200 - DIGITS - 1);

/** The body of the operation's POST: 200 characters of text that begin with the operation's number. */
export const bodyOf = (operation) => `{"type":"agent_message","text":"${String(operation).padStart(DIGITS, '0')} ${TEXT}"}`;

/** The number of the operation whose line stands in a frame. */
export const operationIn = (frame) => Number(/\d{9}/.exec(frame)?.[0]);
