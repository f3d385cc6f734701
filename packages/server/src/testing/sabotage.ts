import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { ClientCommand, ConversationEvent, NamedCommand, PartialEvent } from '@backchannel/protocol';
import type { ClientSession } from '../conversation/client-session.js';
import type { OpenConversation } from '../conversation/joining.js';
import type { Store } from '../store/store.js';

/**
 * Ways in which a server could break its promise, each a small wrapper around a port: a checker that has never found
 * anything is no checker. Nothing of this is reachable from the server itself.
 */
export type Sabotage = {
  readonly store?: (store: Store) => Store;
  readonly between?: (open: OpenConversation) => OpenConversation;
  /** Looks at each request before the server does. */
  readonly request?: (request: IncomingMessage) => void;
};

export const SABOTAGES = {
  'acknowledge-before-commit': { store: acknowledgeBeforeCommit },
  'no-de-duplication': { request: ({ headers }) => void delete headers['idempotency-key'] },
  'reversed-flush': { between: withSessions(reversedFlush) },
  'skip-on-reconnect': { between: withSessions(skipOnReconnect) },
  'lost-receipt': { store: loseReceipts },
  'throws-at-long-texts': { between: withCommands(throwAtLongTexts) },
  'deaf-after-long-texts': { between: withCommands(deafAfterLongTexts) },
  'breaks-at-rare-letters': { store: breakAtRareLetters },
} as const satisfies Readonly<Record<string, Sabotage>>;

export type SabotageName = keyof typeof SABOTAGES;

/** Node tells of every request just before the server is told. */
export function beforeEachRequest(look: (request: IncomingMessage) => void): void {
  subscribe('http.server.request.start', (message) => look((message as { request: IncomingMessage }).request)); // as Node documents it
}

/** How long an append that was already acknowledged takes to reach the store, in milliseconds. */
const BEHIND_MS = 40;

function acknowledgeBeforeCommit(store: Store): Store {
  const append: Store['append'] = (...append) => {
    const late = async (): Promise<void> => {
      try {
        await store.append(...append);
      } catch {
        // It was acknowledged: whoever sent it will never hear of this.
      }
    };
    setTimeout(() => void late(), BEHIND_MS);
    return Promise.resolve();
  };
  return { ...store, append };
}

/** One message in so many loses what a client confirmed of it. */
const LOSES_ONE_IN = 8;

/** The place in the log goes to a warning, so that nothing else is missing; after a restart it is lost again. */
function loseReceipts(store: Store): Store {
  const lose = (event: ConversationEvent): ConversationEvent => {
    if (event.type !== 'message.level' || event.level !== 'spoken') return event;
    const random = event.message_id.at(-7)?.charCodeAt(0) ?? 0; // the last before the seq
    if (random % LOSES_ONE_IN !== 0) return event;
    const { seq, epoch, time } = event;
    return { seq, epoch, time, type: 'conversation.warned', code: 'lost', message: 'Here a receipt was lost.' };
  };
  const append: Store['append'] = (id, epoch, firstSeq, events, when) => store.append(id, epoch, firstSeq, events.map(lose), when);
  return { ...store, append };
}

/** Puts a session of another kind before each that a transport makes. */
function withSessions(wrap: (session: ClientSession) => ClientSession): (open: OpenConversation) => OpenConversation {
  return (open) => (request, connect) => open(request, (handle, id) => wrap(connect(handle, id)));
}

type Command = ClientCommand | NamedCommand;

/** Puts a look before every command of a client; what it is false for is never done, and never answered. */
function withCommands(looks: () => (command: Command) => boolean): (open: OpenConversation) => OpenConversation {
  return (open) => (request, connect) =>
    open(request, (handle, id) => {
      const look = looks();
      const dispatch = <C extends Command>(command: C) => (look(command) ? handle.dispatch(command) : new Promise<never>(() => {}));
      return connect({ conversationId: handle.conversationId, ready: (session) => handle.ready(session), dispatch }, id);
    });
}

const LONG = 2_000;
const isLong = (command: Command): boolean => command.type === 'message.send' && command.message.text.length > LONG;

/** As a decoder that nobody tried with such a text. */
function throwAtLongTexts(): (command: Command) => boolean {
  return (command) => {
    if (isLong(command)) throw new RangeError('The text is longer than anybody thought.');
    return true;
  };
}

/** The socket lives on, and nobody listens behind it. */
function deafAfterLongTexts(): (command: Command) => boolean {
  let deaf = false;
  return (command) => {
    deaf ||= isLong(command);
    return !deaf || command.type === 'client.leave';
  };
}

/** None of those that the demo agents’ own texts have. */
const RARE = /[^ -~‘-”…–—]/u;

function breakAtRareLetters(store: Store): Store {
  const put: Store['agents']['put'] = (agent) =>
    RARE.test(agent.config) ? Promise.reject(new RangeError('A letter that nobody thought of.')) : store.agents.put(agent);
  return { ...store, agents: { ...store.agents, put } };
}

/** What leaves together leaves in reverse, and the ping behind it as it should. */
function reversedFlush(session: ClientSession): ClientSession {
  let flush: (ConversationEvent | PartialEvent)[] | undefined;
  let ping: number | undefined;
  return {
    ...bound(session),
    cork: () => {
      flush = [];
      session.cork();
    },
    send: (output) => (flush === undefined ? session.send(output) : void flush.unshift(output)),
    ping: (through) => {
      if (flush === undefined) session.ping(through);
      else ping = through;
    },
    uncork: () => {
      for (const output of flush ?? []) session.send(output);
      if (ping !== undefined) session.ping(ping);
      flush = undefined;
      ping = undefined;
      session.uncork();
    },
  };
}

/** A client that is back is shown only what is new since then. */
function skipOnReconnect(session: ClientSession): ClientSession {
  let joined = 0;
  return {
    ...bound(session),
    send: (output) => {
      if (output.type === 'client.joined' && output.session_id === session.id) joined = output.seq;
      if (output.type !== 'message.added' || output.seq > joined) session.send(output);
    },
  };
}

/** A session's own methods, which a spread of the object would leave behind. */
function bound(session: ClientSession): ClientSession {
  return {
    id: session.id,
    role: session.role,
    send: (output) => session.send(output),
    ping: (through) => session.ping(through),
    stop: (turn) => session.stop(turn),
    answers: (withinMs) => session.answers(withinMs),
    cork: () => session.cork(),
    uncork: () => session.uncork(),
    close: (reason) => session.close(reason),
  };
}
