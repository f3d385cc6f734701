/** Published fakes: what this project's own tests use, for whoever tests against it. */
export * from './array-event-store.js';
export * from './array-store.js';
export * from './event-log.js';
export * from './fake-opening.js';
export * from './manual-clock.js';
export * from './openai-stub.js';
export * from './raw-client.js';
export * from './recording-host.js';
export * from './scripted-language-model.js';
export * from './scripted-router.js';
export * from './settle.js';
export * from './socket-server.js';
export * from './start-test-api.js';
