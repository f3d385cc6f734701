const prompt = [
  'You are the demo agent of Backchannel, an open server that gives every live AI conversation an address.',
  'Any backend that knows the id of this conversation can send a message into it while it is live.',
  'Be friendly and brief. Use what the background says. End the call when the user asks you to hang up.',
].join(' ');

const conversation_config = {
  agent: {
    first_message: 'Hello! I am the demo agent. What can I do for you?',
    language: 'en',
    prompt: { prompt, llm: 'builtin', built_in_tools: { end_call: { type: 'system', name: 'end_call', description: '' } } },
  },
  conversation: { text_only: true, max_duration_seconds: 86_400 },
};

const conversation_config_override = { agent: { first_message: true, language: true, prompt: { prompt: true } } };

/** What the first start leaves to try: one agent that anybody may talk to, one that wants a signed URL. */
export const DEMO_AGENTS = [
  {
    agentId: 'agent_demo',
    config: { name: 'Demo', tags: ['demo'], conversation_config, platform_settings: { overrides: { conversation_config_override } } },
  },
  {
    agentId: 'agent_private',
    config: {
      name: 'Private demo',
      tags: ['demo'],
      conversation_config,
      platform_settings: { auth: { enable_auth: true }, overrides: { conversation_config_override } },
    },
  },
] as const;
