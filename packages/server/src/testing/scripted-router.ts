import { type AnswerTo, type ConversationId, type NamedCommand, refuse } from '@backchannel/protocol';
import type { Router } from '../routing/router-port.js';

export type SentCommand = { readonly id: ConversationId; readonly command: NamedCommand };
type Script = (sent: SentCommand) => object | Promise<object>;

/** A router that keeps what it is sent and answers as the test says; whoever follows is shown what the test's own `follow` shows. */
export class ScriptedRouter implements Router {
  readonly sent: SentCommand[] = [];
  /** What commands are answered with. */
  script: Script = () => refuse('conversation_not_found');

  constructor(readonly follow: Router['follow']) {}

  async send<C extends NamedCommand>(id: ConversationId, command: C): Promise<AnswerTo<C>> {
    this.sent.push({ id, command });
    // A script's answers are whatever the test says.
    return (await this.script({ id, command })) as AnswerTo<C>;
  }
}
