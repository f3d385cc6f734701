import { expect, it } from 'vitest';
import { compilePattern } from './pattern.js';

const slots = (pattern: string, sentence: string): Record<string, string> | undefined => {
  const match = compilePattern(pattern).regex.exec(sentence);
  return match === null ? undefined : { ...match.groups };
};

it('[TN60] takes words as they are, slots, choices, options and anything', () => {
  expect(slots('my {thing} is {value}', 'My order number is 42')).toEqual({ thing: 'order number', value: '42' });
  expect(slots('(hi|good morning) [there]', 'Good morning')).toEqual({});
  expect(slots('(hi|good morning) [there]', 'hi there')).toEqual({});
  expect(slots('(hi|good morning) [there]', 'hi you')).toBeUndefined();
  expect(slots('* (goodbye|bye) *', 'Well, goodbye my friend')).toEqual({});
  expect(slots('* goodbye *', 'goodbye')).toEqual({});
  expect(slots('* goodbye *', 'goodbyes')).toBeUndefined();
  expect(slots('[please] ask [the user|them] for {thing} [if {condition}]', 'ask for the postcode if it is empty')).toEqual({
    thing: 'the postcode',
    condition: 'it is empty',
  });
  expect(slots('{verb:be|speak more} {how}', 'Speak more softly')).toEqual({ verb: 'Speak more', how: 'softly' });
  expect(slots('say {text}', 'say: hello, world')).toEqual({ text: 'hello, world' });
  expect(slots('[well] [so]', 'so')).toEqual({});
  expect(slots('a.b', 'axb')).toBeUndefined();
});

it('[TN60] says what is wrong with a pattern', () => {
  const wrong = (pattern: string) => () => compilePattern(pattern);
  expect(wrong('')).toThrow('it is empty');
  expect(wrong('(a|b')).toThrow('")" is missing');
  expect(wrong('a)')).toThrow('")" stands where nothing was opened');
  expect(wrong('{Name}')).toThrow('"{Name}" is no slot: write {name} or {name:one|other}');
  expect(wrong('{a} {a}')).toThrow('the slot {a} stands in it twice');
  expect(wrong('* {a} * {b} *')).toThrow('it has 5 slots and stars, and 4 are the most');
});
