import { describe, expect, it } from 'vitest';
import type { PromptMessage } from '../language-model.js';
import { NEUTRAL_LINES } from '../neutral-lines.js';
import { answer, type Question } from './answer.js';
import { Knowledge } from './knowledge.js';
import { loadBrain } from './load-brain.js';
import { sentencesOf } from './sentences.js';

const BOOK = loadBrain();
const END_CALL = { name: 'end_call', description: '', parameters: {} };

/** The user's turns are at even places, the agent's at odd ones. */
function say(turns: readonly string[], more: Partial<Question> = {}): string {
  const messages: PromptMessage[] = turns.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content }));
  const parts = answer(BOOK, { messages, prompt: '', contexts: [], instructions: [], tools: [], ...more });
  return parts.map(({ text, hangUp }) => (hangUp ? `${text} [end_call]` : text)).join(' ');
}
const ask = (text: string, more?: Partial<Question>): string => say([text], more);
const instruct = (...instructions: string[]): string => say(['Hi', 'Hello!', NEUTRAL_LINES.silence], { instructions });
const context = (...texts: string[]): Partial<Question> => ({ contexts: texts.map((text) => ({ text })) });

describe('the built-in brain', () => {
  it('[TN50] says what it is, in many ways of asking', () => {
    for (const question of [
      'Who are you?',
      'what are you',
      'Are you a bot?',
      'are you human',
      'Hi, are you ChatGPT or what?',
      'What model are you?',
    ]) {
      expect(ask(question)).toContain("I am Backchannel's built-in brain: rules, not a language model.");
    }
  });

  it('[TN51] answers with the context that fits best, so a contextual update changes the next answer', () => {
    const question = 'Where is my parcel?';
    expect(ask(question)).toContain('I have no answer to that');
    expect(ask(question, context('Customer is Ada, parcel 4711 is late'))).toBe(
      'Here is what I know: Customer is Ada, parcel 4711 is late.',
    );
    const update = context('Customer is Ada, parcel 4711 is late', 'It rains in Berlin.', 'Parcel 4711 arrives on Friday');
    expect(ask(question, update)).toBe('Here is what I know: Parcel 4711 arrives on Friday.');
    expect(ask('When will the package be delivered?', update)).toContain('Parcel 4711 arrives on Friday.');
    expect(ask('What do you know about the weather in Berlin?', update)).toContain('It rains in Berlin.');
    expect(ask('What should I do next?', context('The user is on the checkout page.'))).toContain('The user is on the checkout page.');
  });

  it('[TN51] knows a keyed context by its key', () => {
    const contexts = [{ text: 'It rains.' }, { id: 'page', text: 'checkout' }];
    expect(ask('Which page am I on?', { contexts })).toBe('Checkout.');
    expect(ask('where am I', { contexts })).toBe('Checkout.');
  });

  it('[TN51] answers from a long context with the sentence that fits', () => {
    const manual = 'The shop opens at nine. Returns are free within thirty days. Bicycles are repaired on Mondays only. '.repeat(4);
    expect(ask('Can I return this?', context(manual))).toContain('Returns are free within thirty days.');
  });

  it('[TN52] remembers what the user says of himself, the newest of each thing', () => {
    expect(ask('My order number is 42')).toBe('Noted: your order number is 42.');
    const turns = ['My order number is 42 and my name is Ada', 'Noted.', 'My order number is 43.', 'Noted.', 'What is my order number?'];
    expect(say(turns)).toBe('Here is what I know: Your order number is 43.');
    expect(say([...turns.slice(0, 4), "What's my name?"])).toContain('Your name is Ada.');
    expect(say(['My name is Ada', 'Hi.', 'Who am I?'])).toBe('Your name is Ada.');
    expect(say(['Remember that the dog is called Rex', 'Yes.', 'What is the dog called?'])).toContain('The dog is called Rex.');
    expect(say(['The blue chair is broken', 'Noted.', 'What about the chair?'])).toContain('You told me "The blue chair is broken"');
  });

  it('[TN52] knows what was put into the agent’s mouth, and learns nothing from its own lines', () => {
    const question = 'When does my parcel arrive?';
    expect(say(['Hi', 'Good news: your parcel comes on Friday.', question])).toContain('Good news: your parcel comes on Friday.');
    const own = ask('What do you know about the parcel?');
    expect(say(['What do you know about the parcel?', own, question])).toContain('nobody has told me anything about it');
  });

  it('[TN59] reads what it is told and asked once each, whatever their length', () => {
    const words = Array.from({ length: 40_000 }, (_, at) => `w${at.toString(36)}`);
    const lines = words.map((word) => `${word} ${word}x`).join('.\n');
    const knowledge = new Knowledge(BOOK);
    knowledge.addPrompt(lines);
    expect(knowledge.best(words.join(' '))).toBeUndefined(); // no line is about a tenth of it
    expect(ask(words.join(' '), { prompt: lines, contexts: [{ id: 'long', text: lines }] })).toBeTypeOf('string');
    expect(ask(`${'Hello. '.repeat(50_000)}My name is Ada. Who am I?`)).toContain('Your name is Ada.');
  });

  it.each(['!', '. ', ' ', '\t', '"', '\n', ', and ', "'", 'a. "'])('[TN59] reads a long run of %j once', (piece) => {
    const run = piece.repeat(300_000);
    for (const text of [run, `x${run}y`, `x.${run}y`]) expect(sentencesOf(text, BOOK.clauses)).toBeInstanceOf(Array);
  });

  it('[TN53] answers from what the agent’s prompt states, and does not recite its orders', () => {
    const prompt =
      'You are Ada, the assistant of the corner shop. Our opening hours are nine to five. Always mention the discount code SAVE.';
    expect(ask('What are your opening hours?', { prompt })).toBe('Here is what I know: Our opening hours are nine to five.');
    expect(ask('Which shop is this?', { prompt })).toContain('I am Ada, the assistant of the corner shop.');
    expect(ask('What is the discount code?', { prompt })).not.toContain('SAVE');
  });

  it('[TN54] does what an instruction asks', () => {
    expect(instruct('ask for the postcode if it is empty')).toBe('Could you tell me the postcode, please?');
    expect(instruct('Please ask the user for their order number.')).toBe('Could you tell me your order number, please?');
    expect(instruct('ask them whether they are at home')).toBe('May I ask whether you are at home?');
    expect(instruct('Ask the user what colour they want')).toBe('May I ask you what colour you want?');
    expect(instruct('say: Hello, Ada. How are you?')).toBe('Hello, Ada. How are you?');
    expect(instruct('Say "the code is seven"')).toBe('The code is seven');
    expect(instruct('Tell the user that their parcel has arrived. Apologise for the delay.')).toBe(
      'Your parcel has arrived. I am sorry for the delay.',
    );
    expect(instruct('apologize')).toBe('I am sorry.');
    expect(instruct('greet the customer')).toBe('Hello, and welcome!');
    expect(instruct('offer a discount of ten percent')).toBe('May I offer you a discount of ten percent?');
    expect(instruct('juggle three balls')).toBe('I was asked to do this now: "juggle three balls".');
  });

  it('[TN54] answers the user first where there is both', () => {
    const both = ask('Where is my parcel?', { ...context('Parcel 4711 is late'), instructions: ['ask for the postcode'] });
    expect(both).toBe('Here is what I know: Parcel 4711 is late. Could you tell me the postcode, please?');
  });

  it('[TN55] answers everything that the user has said since, in one reply and nothing twice', () => {
    const turns = ['Hi', 'Hello!', 'my name is Ada\nWhere is my parcel? My city is Berlin.\nWhere is my parcel?'];
    expect(say(turns, context('Parcel 4711 is late'))).toBe(
      'Nice to meet you, Ada. Here is what I know: Parcel 4711 is late. I will remember that your city is Berlin.',
    );
    expect(say(['Hi', 'Hello!', NEUTRAL_LINES.silence])).toContain('I am listening');
    expect(say([NEUTRAL_LINES.opening, 'Hello!'])).toContain('I am listening');
  });

  it('[TN56] hangs up when it is asked to, last of all, and says so where it may not', () => {
    const tools = [END_CALL];
    expect(ask('Goodbye, end the call.', { tools })).toBe('Goodbye! I am hanging up now. [end_call]');
    expect(ask('Please hang up. And my name is Ada.', { tools })).toBe('Nice to meet you, Ada. Goodbye! I am hanging up now. [end_call]');
    expect(say(['Hi', 'Hello!'], { tools, instructions: ['hang up'] })).toContain('[end_call]');
    expect(ask('hang up')).toContain('may not end the conversation by itself');
    expect(ask('bye', { tools })).not.toContain('[end_call]');
  });

  it('[TN57] says honestly what it cannot do, with what it was told', () => {
    expect(ask('What is the capital of France?')).toContain('I have no answer to that: nobody has told me anything about it.');
    expect(ask('What is the capital of France?', context('It rains'))).toBe('I have no answer to that. What I was told so far: It rains.');
    expect(ask('I like blue chairs')).toBe('I have noted what you said: "I like blue chairs".');
    expect(say(['Hi', 'Good day, Ada.', 'Say that again'])).toBe('Good day, Ada.');
  });

  it('[TN57] takes any text without failing or taking long', () => {
    for (const text of [
      '',
      '?',
      '😀',
      'a '.repeat(8_000),
      'is '.repeat(5_000),
      `my ${'x'.repeat(16_000)} is y`,
      '\u0000 {known} {x} $& (',
    ]) {
      expect(ask(text, context(text))).not.toBe('');
    }
  });
});
