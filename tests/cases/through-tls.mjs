// The official client as a program of its own, which trusts a certificate as any Node program does (NODE_EXTRA_CA_CERTS). Arguments:
// the address of the server, its key. Prints one JSON object: what it saw.
import dns from 'node:dns';
import { Conversation, postOverallFeedback } from '@elevenlabs/client';
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket;

// Nobody's name: here it is this machine.
const { lookup } = dns;
dns.lookup = (host, ...rest) => lookup(host.endsWith('.test') ? '127.0.0.1' : host, ...rest);

const [, , url, key] = process.argv;

/** One question and its answer. */
async function talk(way) {
  const said = [];
  let heard = () => {};
  const conversation = await Conversation.startSession({
    ...way,
    connectionType: 'websocket',
    textOnly: true,
    onMessage: ({ source, message }) => {
      said.push({ source, message });
      heard();
    },
  });
  const answers = () => said.filter(({ source }) => source === 'ai').length;
  const more = async (count) => {
    while (answers() < count) await new Promise((resolve) => (heard = resolve));
  };
  await more(1); // the greeting
  conversation.sendUserMessage('What can you do?');
  await more(2);
  const id = conversation.getId();
  const feedback = await postOverallFeedback(id, true, url);
  await conversation.endSession();
  return { id, said, feedback: feedback.status };
}

const mint = await fetch(`${url}/v1/convai/conversation/get-signed-url?agent_id=agent_private`, { headers: { 'xi-api-key': key } });
const { signed_url: signedUrl } = await mint.json();
const signed = await talk({ signedUrl });
const open = await talk({ origin: url.replace(/^http/, 'ws'), agentId: 'agent_demo' });
console.log(JSON.stringify({ signedUrl, signed, open }));
process.exit(0);
