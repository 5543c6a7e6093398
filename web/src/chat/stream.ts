// One request for answers, and what comes of it piece by piece.
import {ApiError, ask} from '../app/api';
import {readEvents} from '../app/sse';

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  prompt_tokens_details?: {cached_tokens?: number};
}

export type Piece =
    | {kind: 'text'; index: number; text: string}
    | {kind: 'thought'; index: number; text: string}
    | {kind: 'end'; index: number; reason: string}
    | {kind: 'usage'; usage: Usage};

interface Chunk {
  choices?: {index: number; delta?: {content?: string | null; reasoning_content?: string | null}; finish_reason?: string | null}[];
  usage?: Usage | null;
  error?: {message?: string};
}

// What one event's data says; throws where the server broke off.
export function piecesOf(data: string): Piece[] {
  if (data === '[DONE]') return [];
  const chunk = JSON.parse(data) as Chunk;
  if (chunk.error) throw new ApiError(500, chunk.error.message ?? 'the server broke off');
  const pieces: Piece[] = [];
  for (const choice of chunk.choices ?? []) {
    const {content, reasoning_content: thought} = choice.delta ?? {};
    if (thought) pieces.push({kind: 'thought', index: choice.index, text: thought});
    if (content) pieces.push({kind: 'text', index: choice.index, text: content});
    if (choice.finish_reason) pieces.push({kind: 'end', index: choice.index, reason: choice.finish_reason});
  }
  if (chunk.usage) pieces.push({kind: 'usage', usage: chunk.usage});
  return pieces;
}

export async function* streamChat(body: object, signal: AbortSignal): AsyncGenerator<Piece> {
  const response = await ask('/v1/chat/completions',
                             {body: {...body, stream: true, stream_options: {include_usage: true}}, signal});
  if (!response.body) throw new ApiError(0, 'the answer had no body');
  for await (const data of readEvents(response.body)) yield* piecesOf(data);
}
