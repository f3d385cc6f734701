import { setTimeout as wait } from 'node:timers/promises';
import { DemoClient } from './demo-client.mjs';

const PAUSE_MS = 1_700;
const COLOURED = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (COLOURED ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, orange, green] = [paint(1), paint(2), paint('38;5;208'), paint(32)];

/** Shows in a dozen steps what this server does, with the official client on one side and plain HTTP on the other. */
export async function tour({ url, key, own }, { fast }) {
  const pause = () => (fast ? undefined : wait(PAUSE_MS));
  const step = async (title) => {
    await pause();
    console.log(`\n${bold(title)}`);
  };
  const hear = (role, text) => console.log(`  ${role === 'user' ? orange('user ') : green('agent')}  ${text}`);
  const note = (text) => console.log(dim(`  ${text}`));
  const call = callerOf(url, key);

  console.log(bold('Backchannel: every live AI conversation gets an address, and any backend can reach it.'));
  note(own ? `A server of its own for this tour: ${url}` : `With the server that runs here: ${url}`);

  await step('1. A user connects with the official ElevenLabs client, unmodified');
  const client = await DemoClient.start({ origin: url.replace(/^http/, 'ws'), agentId: 'agent_demo' }, hear);
  await client.answers(1);
  const path = `/conversations/${client.id}`;
  note(`This conversation's address is its id: ${client.id}`);

  await step('2. They talk');
  hear('user', 'My order number is 42.');
  client.say('My order number is 42.');
  await client.answers(2);

  await step('3. A backend that knows the id tells the agent something: contextual_update');
  const known = await call('POST', `${path}/messages`, {
    type: 'contextual_update',
    text: 'Parcel 4711 arrives on Friday.',
    wait_for: 'applied',
  });
  note(`${levelsOf(await call('GET', `${path}/messages/${known.message_id}`))}   nothing was said, and the agent knows it now`);

  await step('4. It asks in the user’s name, and reads the answer in the HTTP reply: user_message, wait_for replied');
  const asked = await call('POST', `${path}/messages`, { type: 'user_message', text: 'When does my parcel arrive?', wait_for: 'replied' });
  await client.answers(3);
  note(`POST answered: ${asked.reply.text}`);

  await step('5. It makes the live agent say something, and waits until the user has it: agent_message, wait_for spoken');
  const said = await call('POST', `${path}/messages`, {
    type: 'agent_message',
    text: 'Your courier is two streets away.',
    wait_for: 'spoken',
  });
  await client.answers(4);
  note(`${levelsOf(await call('GET', `${path}/messages/${said.message_id}`))}   the client itself has confirmed the line`);

  await step('6. It is not sure whether that arrived, and sends it again with the same Idempotency-Key');
  const once = { type: 'agent_message', text: 'Please have your ID ready.', wait_for: 'spoken' };
  const [first, again] = [await call('POST', `${path}/messages`, once, 'tour-1'), await call('POST', `${path}/messages`, once, 'tour-1')];
  await client.answers(5);
  note(`${first.message_id === again.message_id ? 'The same message' : 'TWO MESSAGES'}, shown once: ${first.message_id}`);

  await step('7. The user’s line breaks, without a goodbye');
  await client.loseLine();
  await dropped(call, path);
  note('The conversation stays where it is, for as long as its resume window lasts.');
  const held = await call('POST', `${path}/messages`, { type: 'agent_message', text: 'The courier rings in a minute.' });
  note(`A line that is sent meanwhile is ${held.status}, stored and held (the user is ${held.user_state}).`);

  await step('8. The client comes back with a signed URL that names the conversation');
  const query = new URLSearchParams({ agent_id: 'agent_demo', conversation_id: client.id, join: 'resume' });
  const { signed_url: signedUrl } = await call('GET', `/conversation/get-signed-url?${query}`);
  const back = await DemoClient.start({ signedUrl }, hear);
  await back.answers(1);
  note(`${back.id === client.id ? 'The same conversation' : 'ANOTHER CONVERSATION'}, and what was held is said.`);

  await step('9. It still knows what came before');
  hear('user', 'What is my order number?');
  back.say('What is my order number?');
  await back.answers(2);

  await step('10. The backend ends it, with a last word');
  await call('POST', `${path}/end`, { message: 'Thank you, goodbye.' });
  const { closeReason } = await back.gone;
  note(`The client was told: ${closeReason}`);
  const { transcript, status } = await call('GET', path);
  note(`Its record stays: ${transcript.length} entries, ${status}.`);

  await pause();
  console.log(`\n${bold('Now you:')} npm start, open its address in a browser, and paste the call that the page shows.`);
}

/** REST as any backend speaks it. */
function callerOf(url, key) {
  return async (method, path, body, idempotencyKey) => {
    const response = await fetch(`${url}/v1/convai${path}`, {
      method,
      headers: {
        'xi-api-key': key,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** A receipt in one line: every level, and when it was reached. */
function levelsOf({ timeline }) {
  const began = Date.parse(timeline[0].time);
  return timeline.map(({ level, time }) => `${level} +${Date.parse(time) - began} ms`).join(' → ');
}

/** Resolves when the server has noticed, too, that the line is gone. */
async function dropped(call, path) {
  const isThere = ({ type }) => type === 'conversation.dropped';
  while (!(await call('GET', `${path}/events?limit=1000`)).events.some(isThere)) await wait(20);
}
