// How answers are to be written. An empty field is left out of the request: the server's own default counts.
import {wrongPlace} from '../text/json_place';

export interface Settings {
  model: string;
  answers: number;
  maxTokens: string;
  temperature: string;
  topP: string;
  topK: string;
  minP: string;
  repetition: string;
  presence: string;
  frequency: string;
  seed: string;
  stop: string;      // a line each
  effort: string;    // '', 'none', 'low', 'medium', 'high'
  schemaOn: boolean;
  schema: string;
}

export const defaults: Settings = {
  model: '', answers: 1, maxTokens: '', temperature: '', topP: '', topK: '', minP: '', repetition: '', presence: '',
  frequency: '', seed: '', stop: '', effort: '', schemaOn: false, schema: '',
};

export interface NumberField {
  name: 'maxTokens' | 'temperature' | 'topP' | 'topK' | 'minP' | 'repetition' | 'presence' | 'frequency' | 'seed';
  field: string;  // of the request
  label: string;
  hint: string;   // what counts where it is empty
  help: string;
  least: number;
  most: number;
  whole?: boolean;
}

export const numberFields: NumberField[] = [
  {name: 'temperature', field: 'temperature', label: 'Temperature', hint: '0.8', least: 0, most: 100,
   help: '0 always takes the likeliest token'},
  {name: 'maxTokens', field: 'max_tokens', label: 'Longest answer', hint: 'no limit', least: 1, most: 2 ** 40, whole: true,
   help: 'in tokens'},
  {name: 'topP', field: 'top_p', label: 'Top p', hint: '0.95', least: 0, most: 1, help: 'the likeliest tokens that make up this share'},
  {name: 'topK', field: 'top_k', label: 'Top k', hint: '40', least: 0, most: 2 ** 30, whole: true, help: 'only so many tokens; 0: all'},
  {name: 'minP', field: 'min_p', label: 'Min p', hint: '0.05', least: 0, most: 1, help: 'of the likeliest token’s probability'},
  {name: 'repetition', field: 'repetition_penalty', label: 'Repetition', hint: '1', least: 0.01, most: 100, help: 'penalty; 1: none'},
  {name: 'presence', field: 'presence_penalty', label: 'Presence', hint: '0', least: -100, most: 100, help: 'penalty once'},
  {name: 'frequency', field: 'frequency_penalty', label: 'Frequency', hint: '0', least: -100, most: 100, help: 'penalty each time'},
  {name: 'seed', field: 'seed', label: 'Seed', hint: 'drawn anew', least: -(2 ** 53), most: 2 ** 53, whole: true,
   help: 'the same seed gives the same text'},
];

// What is wrong with a number as typed, or ''.
export function problemOf(field: NumberField, typed: string): string {
  if (typed.trim() === '') return '';
  const value = Number(typed);
  if (!Number.isFinite(value)) return 'is not a number';
  if (field.whole && !Number.isInteger(value)) return 'has to be a whole number';
  if (value < field.least || value > field.most) {
    return field.most >= 2 ** 30 ? `has to be ${field.least} or more` : `has to be from ${field.least} to ${field.most}`;
  }
  return '';
}

export type SchemaState = {schema: unknown} | {problem: string};

export function parseSchema(text: string): SchemaState {
  const wrong = wrongPlace(text);
  if (wrong) return {problem: `Line ${wrong.line}, column ${wrong.column}: ${wrong.what}.`};
  const schema: unknown = JSON.parse(text);
  if (typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema))) return {schema};
  return {problem: 'A schema is an object, or true or false.'};
}

// Everything of a request but its messages; or what has to be corrected first.
export function requestOf(s: Settings): {body: Record<string, unknown>} | {problem: string} {
  const body: Record<string, unknown> = {};
  if (s.model) body.model = s.model;
  if (s.answers > 1) body.n = s.answers;
  for (const field of numberFields) {
    const typed = s[field.name];
    const problem = problemOf(field, typed);
    if (problem) return {problem: `${field.label} ${problem}.`};
    if (typed.trim() !== '') body[field.field] = Number(typed);
  }
  const stops = s.stop.split('\n').filter((line) => line !== '');
  if (stops.length > 0) body.stop = stops;
  if (s.effort) body.reasoning_effort = s.effort;
  if (s.schemaOn) {
    const parsed = parseSchema(s.schema);
    if ('problem' in parsed) return {problem: `The JSON schema: ${parsed.problem}`};
    body.response_format = {type: 'json_schema', json_schema: {name: 'answer', schema: parsed.schema, strict: true}};
  }
  return {body};
}

export function readSettings(value: unknown): Settings {
  const settings = {...defaults};
  if (typeof value !== 'object' || value === null) return settings;
  for (const name of Object.keys(defaults) as (keyof Settings)[]) {
    const given = (value as Record<string, unknown>)[name];
    if (typeof given === typeof defaults[name]) Object.assign(settings, {[name]: given});
  }
  settings.answers = Math.min(64, Math.max(1, Math.round(settings.answers) || 1));
  return settings;
}
