// One conversation and what is being written into it. Views hear of changes; several conversations may be written at once.
import {ApiError} from '../app/api';
import {requestOf, type Settings} from './settings';
import {deleteConversation, saveConversation} from './store';
import {streamChat, type Piece} from './stream';
import {addMessage, choose, newId, pathTo, requestMessages, type Conversation, type Message} from './tree';

const kSaveEvery_ms = 2000;

export class Session {
  private abort: AbortController | null = null;
  private writing: Message[] = [];
  private gone = false;
  // `tree`: messages came, went or were chosen; `text`: those being written grew; `end`: nothing is written any more.
  onChange: (what: 'tree' | 'text' | 'end' | 'full') => void = () => {};

  constructor(readonly conversation: Conversation) {}

  get busy(): boolean {
    return this.abort !== null;
  }

  isWriting(message: Message): boolean {
    return this.writing.includes(message);
  }

  save(): void {
    if (this.gone || this.conversation.messages.length === 0) return;
    if (!saveConversation(this.conversation)) this.onChange('full');
  }

  // The text becomes a message behind `parent`, and is answered. Returns what has to be corrected first, or ''.
  send(parent: string | null, text: string, settings: Settings): string {
    if (this.busy) return 'An answer is still being written: stop it first.';
    const request = requestOf(settings);
    if ('problem' in request) return request.problem;
    const message = addMessage(this.conversation, parent, 'user', text);
    void this.answer(message, request.body);
    return '';
  }

  // Other answers to the question that `message` answered, beside those that there are.
  regenerate(message: Message, settings: Settings): string {
    const question = message.role === 'user' ? message : this.conversation.messages.find((m) => m.id === message.parent);
    if (!question || this.busy) return this.busy ? 'An answer is still being written: stop it first.' : '';
    const request = requestOf(settings);
    if ('problem' in request) return request.problem;
    void this.answer(question, request.body);
    return '';
  }

  stop(): void {
    this.abort?.abort();
  }

  pick(message: Message): void {
    choose(this.conversation, message);
    this.save();
    this.onChange('tree');
  }

  remove(): void {
    this.gone = true;
    this.stop();
    deleteConversation(this.conversation.id);
  }

  private async answer(question: Message, body: Record<string, unknown>): Promise<void> {
    const messages = requestMessages(this.conversation, pathTo(this.conversation, question));
    const count = typeof body.n === 'number' ? body.n : 1;
    const batch = newId();
    const answers: Message[] = [];
    for (let i = 0; i < count; ++i) {
      const answer = addMessage(this.conversation, question.id, 'assistant', '');
      answer.batch = batch;
      answer.json = 'response_format' in body || undefined;
      answer.model = typeof body.model === 'string' ? body.model : undefined;
      answers.push(answer);
    }
    choose(this.conversation, answers[0]!);
    this.writing = answers;
    this.abort = new AbortController();
    this.save();
    this.onChange('tree');
    const started = performance.now();
    let saved = started;
    try {
      for await (const piece of streamChat({...body, messages}, this.abort.signal)) {
        this.take(piece, answers, started);
        if (performance.now() - saved > kSaveEvery_ms) {
          this.save();
          saved = performance.now();
        }
        this.onChange('text');
      }
      for (const answer of answers) answer.finish ??= 'stopped';
    } catch (error) {
      this.fail(error, answers);
    }
    this.abort = null;
    this.writing = [];
    this.conversation.changed = Date.now();
    this.save();
    this.onChange('end');
  }

  private take(piece: Piece, answers: Message[], started: number): void {
    if (piece.kind === 'usage') {
      for (const answer of answers) {
        answer.tokens = piece.usage.completion_tokens;
        answer.cached = piece.usage.prompt_tokens_details?.cached_tokens;
        answer.seconds = (performance.now() - started) / 1000;
      }
      return;
    }
    const answer = answers[piece.index];
    if (!answer) return;
    if (piece.kind === 'text') answer.text += piece.text;
    else if (piece.kind === 'thought') answer.thoughts += piece.text;
    else answer.finish = piece.reason;
  }

  private fail(error: unknown, answers: Message[]): void {
    const stopped = this.abort?.signal.aborted === true;
    const said = error instanceof ApiError ? error.message : `The connection broke off: ${String((error as Error).message ?? error)}`;
    for (const answer of answers) {
      if (answer.finish) continue;
      answer.finish = stopped ? 'stopped' : 'error';
      if (!stopped) answer.error = said;
    }
  }
}
