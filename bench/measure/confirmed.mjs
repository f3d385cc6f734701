/** Milliseconds for the last pong to come and to be stored. */
const PATIENCE_MS = 3_000;

/**
 * Waits until a server has done what it is compared for: clients have confirmed what they were sent. Backchannel is asked for the
 * receipt of the `last` message; those by hand for how many they count, which must be all of `total`.
 */
export async function awaitConfirmed({ name, port, key }, { last, total }) {
  const receipt = JSON.parse(last);
  const path = name === 'backchannel' ? `/v1/convai/conversations/${receipt.conversation_id}/messages/${receipt.message_id}` : '/';
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const answer = await (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'xi-api-key': key } })).json();
    if (answer.status === 'spoken' || answer.confirmed === total) return;
    if (Date.now() > until) throw new Error(`${name} did not confirm what it was sent: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
