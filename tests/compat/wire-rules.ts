import { SERVER_MESSAGES } from '@backchannel/protocol/convai';
import type { Frame } from '@backchannel/server/testing';

/** Inner object by type, where it is not the only one that is an object. */
const inner = (frame: Frame): Readonly<Record<string, unknown>> => {
  const found = Object.entries(frame).find(([key, value]) => key !== 'type' && typeof value === 'object' && value !== null);
  return (found?.[1] ?? {}) as Readonly<Record<string, unknown>>; // the line above says so
};

/** Where frames break what the official JS client counts on, one line each; `frames` is all that one text session got, in order. */
export function wireProblems(frames: readonly Frame[]): string[] {
  const [first, ...rest] = frames;
  return [
    ...(first?.type === 'conversation_initiation_metadata' ? [] : [`the first frame is ${first?.type}, not the metadata`]),
    ...rest.filter(({ type }) => type === first?.type).map(() => 'the metadata comes twice'),
    ...frames.flatMap(shapeProblems),
    ...streamProblems(rest),
  ];
}

/** Wrapped as `{type, <inner>: {…}}`, of a type that is known, with ids that every client can use. */
function shapeProblems(frame: Frame, index: number): string[] {
  const at = `frame ${index} (${frame.type})`;
  if (!Object.hasOwn(SERVER_MESSAGES, frame.type)) return [`${at} is of no known type`];
  const read = SERVER_MESSAGES[frame.type as keyof typeof SERVER_MESSAGES].safeParse(frame); // hasOwn above
  const { event_id: id } = inner(frame);
  return [
    ...(read.success ? [] : [`${at} is not as it should be: ${read.error.message}`]),
    ...(id === undefined || (Number.isInteger(id) && Number(id) >= 1) ? [] : [`${at} has the event_id ${String(id)}`]),
    ...(frame.type === 'audio' ? [`${at}: audio in a text session`] : []),
  ];
}

/** Each stream has exactly one `agent_response`, its own, and nothing of it follows its stop or its interruption. */
function streamProblems(frames: readonly Frame[]): string[] {
  const problems: string[] = [];
  const over = new Set<unknown>();
  let stream: { readonly id: unknown; text: string; responded: boolean } | undefined;
  for (const frame of frames) {
    const { event_id: id, type: part, text, agent_response: whole } = inner(frame);
    if (frame.type === 'agent_chat_response_part') {
      if (over.has(id)) problems.push(`${String(part)} of ${String(id)} comes after its end`);
      if (part === 'start' && stream) problems.push(`a stream (${String(id)}) begins inside of another (${String(stream.id)})`);
      if (part === 'start') stream = { id, text: String(text), responded: false };
      else if (stream === undefined || stream.id !== id) problems.push(`${String(part)} of ${String(id)} is outside of its stream`);
      else stream.text += String(text);
      if (part === 'stop') {
        if (stream?.responded !== true) problems.push(`the stream ${String(id)} stops without its agent_response`);
        over.add(id);
        stream = undefined;
      }
    } else if (frame.type === 'agent_response') {
      if (stream && stream.id !== id) problems.push(`the agent_response ${String(id)} comes inside of the stream ${String(stream.id)}`);
      else if (stream && stream.text !== whole)
        problems.push(`the stream ${String(id)} is not its agent_response: ${stream.text}, ${String(whole)}`);
      else if (stream?.responded) problems.push(`the stream ${String(id)} has two agent_responses`);
      if (stream) stream.responded = true;
    } else if (frame.type === 'interruption') {
      if (stream) problems.push(`the interruption of ${String(id)} comes inside of a stream`);
      over.add(id);
    }
  }
  return stream === undefined ? problems : [...problems, `the stream ${String(stream.id)} never stops`];
}
