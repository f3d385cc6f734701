export * from './command.js';
export * from './errors.js';
export * from './event.js';
export * from './ids.js';
export * from './message.js';
export * from './parse.js';
export * from './receipt.js';
export * from './transcript.js';
