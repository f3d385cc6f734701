// Clients by hand, one for each wire: they know when a line is there, answer every ping, and cost the generator little.
// Each answers with `{ id, socket }` once its conversation is open; `heard(operation)` is called for each line.
import { WebSocket } from 'ws';
import { operationIn } from './payload.mjs';

const INIT = '{"type":"conversation_initiation_client_data","conversation_config_override":{"conversation":{"text_only":true}}}';

export const CLIENTS = { convai: openConvai, 'socket-io': openSocketIo };

/** As the official client of ElevenLabs, whose pong says what it has. */
function openConvai({ port, localAddress, heard }) {
  const url = `ws://127.0.0.1:${port}/v1/convai/conversation?agent_id=agent_demo&source=js_sdk&version=1.25.0`;
  const socket = new WebSocket(url, ['convai'], { localAddress, perMessageDeflate: false });
  const client = { id: '', socket };
  return opened(socket, (resolve) => {
    socket.once('open', () => socket.send(INIT));
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      if (text.startsWith('{"type":"ping"')) {
        socket.send(`{"type":"pong","event_id":${/"event_id":(\d+)/.exec(text)?.[1]}}`);
        if (client.id !== '') resolve(client);
      } else if (text.startsWith('{"type":"agent_response"')) heard(operationIn(text));
      else if (text.startsWith('{"type":"conversation_initiation_metadata"')) client.id = conversationIn(text);
    });
  });
}

/** Engine.IO 4 and Socket.IO 5 as their documents describe them: `42[event]`, acknowledged by `43`; `2` is answered by `3`. */
function openSocketIo({ port, localAddress, heard }) {
  const url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url, { localAddress, perMessageDeflate: false });
  return opened(socket, (resolve) => {
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      if (text === '2') socket.send('3');
      else if (text.startsWith('0')) socket.send('40');
      else if (text.startsWith('42["conversation_initiation_metadata"')) resolve({ id: conversationIn(text), socket });
      else if (text.startsWith('42')) {
        socket.send(`43${text.slice(2, text.indexOf('['))}[]`);
        heard(operationIn(text));
      }
    });
  });
}

const conversationIn = (text) => /conv_[A-Za-z0-9]+/.exec(text)[0];

function opened(socket, listen) {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', (code) => reject(new Error(`a client was closed with ${code} before its conversation was open`)));
    listen(resolve);
  });
}
