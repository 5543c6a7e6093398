// Asks a running `hasten serve` through the clients that people use: every path, streamed and not.
//   node run.mjs HASTEN     starts the program with small random models; the answers' shape is judged, not their sense
import {spawn, execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import {Ollama} from 'ollama';

const hasten = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'hasten-clients-'));
const user = [{role: 'user', content: 'What is the weather?'}];
const schema = {
  type: 'object',
  properties: {city: {enum: ['Oslo', 'Rome']}, days: {enum: [1, 2, 3]}},
  required: ['city', 'days'],
  additionalProperties: false,
};
const tools = [{type: 'function', function: {name: 'weather', description: 'the forecast', parameters: schema}}];

function checkWeather(value) {
  assert(['Oslo', 'Rome'].includes(value.city));
  assert([1, 2, 3].includes(value.days));
}

async function collect(stream) {
  const all = [];
  for await (const item of stream) all.push(item);
  return all;
}

function makeModel(name) {
  const path = join(folder, `${name}.gguf`);
  execFileSync(hasten, ['synth', '--layers', '2', '--width', '64', '--heads', '4', '--kv-heads', '2', '--vocab', '300',
                        '--quant', 'Q8_0', '-o', path]);
  return path;
}

function startServer(models) {
  const server = spawn(hasten, ['serve', ...models, '--port', '0', '--no-log', '--alias', 'claude-test=first'],
                       {stdio: ['ignore', 'ignore', 'pipe']});
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (bytes) => {
      said += bytes;
      const match = said.match(/listening on (\S+)/);
      if (match) resolve({server, url: match[1]});
    });
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
}

function openAiTests(url) {
  const client = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0});
  const ask = {model: 'first', messages: user, max_tokens: 12, seed: 1};
  return {
    'models': async () => {
      const list = await collect(client.models.list());
      assert.deepEqual(list.map((m) => m.id), ['first', 'second']);
      assert.equal((await client.models.retrieve('second')).id, 'second');
    },
    'chat': async () => {
      const answer = await client.chat.completions.create({...ask, n: 2, logprobs: true, top_logprobs: 2});
      assert.equal(answer.choices.length, 2);
      assert.equal(answer.choices[0].message.role, 'assistant');
      assert.equal(answer.choices[0].logprobs.content[0].top_logprobs.length, 2);
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    },
    'chat streamed is the same text': async () => {
      const whole = await client.chat.completions.create(ask);
      const stream = await client.chat.completions.create({...ask, stream: true, stream_options: {include_usage: true}});
      const chunks = await collect(stream);
      const text = chunks.map((c) => c.choices[0]?.delta.content ?? '').join('');
      assert.equal(text, whole.choices[0].message.content);
      assert.equal(chunks.at(-1).usage.completion_tokens, whole.usage.completion_tokens);
    },
    'chat by the stream helper': async () => {
      const answer = await client.chat.completions.stream(ask).finalChatCompletion();
      assert.equal(answer.choices[0].message.role, 'assistant');
    },
    'json_schema': async () => {
      const response_format = {type: 'json_schema', json_schema: {name: 'weather', schema, strict: true}};
      const answer = await client.chat.completions.create({...ask, max_tokens: 200, response_format});
      checkWeather(JSON.parse(answer.choices[0].message.content));
    },
    'tools, required': async () => {
      const answer = await client.chat.completions.create({...ask, max_tokens: 300, tools, tool_choice: 'required'});
      assert.equal(answer.choices[0].finish_reason, 'tool_calls');
      const call = answer.choices[0].message.tool_calls[0];
      assert.equal(call.function.name, 'weather');
      checkWeather(JSON.parse(call.function.arguments));
      const history = [...user, answer.choices[0].message, {role: 'tool', tool_call_id: call.id, content: 'rain'}];
      assert((await client.chat.completions.create({...ask, messages: history, tools})).choices.length === 1);
    },
    'tools, named, streamed': async () => {
      const stream = client.chat.completions.stream(
          {...ask, max_tokens: 300, tools, tool_choice: {type: 'function', function: {name: 'weather'}}});
      const answer = await stream.finalChatCompletion();
      checkWeather(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments));
    },
    'a damaged history is answered': async () => {
      const messages = [
        {role: 'assistant', content: null, tool_calls: [{id: '', type: 'function', function: {name: 'x', arguments: '{"a":'}}]},
        {role: 'tool', content: 'nobody asked', tool_call_id: 'gone'},
        {role: 'user', content: ''},
        {role: 'user', content: [{type: 'text', text: 'go on'}]},
      ];
      assert.equal((await client.chat.completions.create({...ask, messages})).choices.length, 1);
    },
    'completions': async () => {
      const whole = await client.completions.create({model: 'second', prompt: 'a', max_tokens: 9, seed: 2});
      const chunks = await collect(await client.completions.create({model: 'second', prompt: 'a', max_tokens: 9, seed: 2, stream: true}));
      assert.equal(chunks.map((c) => c.choices[0].text).join(''), whole.choices[0].text);
    },
    'errors': async () => {
      await assert.rejects(client.chat.completions.create({...ask, temperature: 'hot'}),
                           (e) => e instanceof OpenAI.BadRequestError && e.param === 'temperature');
      await assert.rejects(client.chat.completions.create({...ask, model: 'third'}), OpenAI.NotFoundError);
    },
    'a stream that is left frees the model': async () => {
      const stream = await client.chat.completions.create({...ask, max_tokens: 100000, stream: true, ignore_eos: true});
      for await (const chunk of stream) {
        if (chunk) break;
      }
    },
  };
}

function anthropicTests(url) {
  const client = new Anthropic({baseURL: url, apiKey: 'none', maxRetries: 0});
  const ask = {model: 'claude-test', messages: user, max_tokens: 12};
  const claudeTools = [{name: 'weather', description: 'the forecast', input_schema: schema}];
  return {
    'messages': async () => {
      const answer = await client.messages.create({...ask, system: 'Be brief.', stop_sequences: ['zzzz']});
      assert.equal(answer.role, 'assistant');
      assert.equal(answer.content[0].type, 'text');
      assert(answer.usage.input_tokens > 0);
    },
    'messages streamed': async () => {
      const answer = await client.messages.stream(ask).finalMessage();
      assert.equal(answer.type, 'message');
      assert(['end_turn', 'max_tokens'].includes(answer.stop_reason));
    },
    'tools': async () => {
      const asked = {...ask, max_tokens: 300, tools: claudeTools, tool_choice: {type: 'any'}};
      for (const answer of [await client.messages.create(asked), await client.messages.stream(asked).finalMessage()]) {
        assert.equal(answer.stop_reason, 'tool_use');
        const block = answer.content.find((b) => b.type === 'tool_use');
        checkWeather(block.input);
        const result = {role: 'user', content: [{type: 'tool_result', tool_use_id: block.id, content: 'rain'}]};
        const history = [...user, {role: 'assistant', content: answer.content}, result];
        assert.equal((await client.messages.create({...ask, messages: history, tools: claudeTools})).type, 'message');
      }
    },
    'count_tokens': async () => {
      const count = await client.messages.countTokens({model: 'first', messages: user});
      assert(count.input_tokens > 0);
    },
    'errors': async () => {
      await assert.rejects(client.messages.create({...ask, messages: []}), Anthropic.BadRequestError);
    },
  };
}

function ollamaTests(url) {
  const client = new Ollama({host: url});
  const options = {num_predict: 12, seed: 1};
  return {
    'list, show, ps': async () => {
      assert.equal((await client.list()).models.length, 2);
      assert.equal((await client.show({model: 'first'})).details.format, 'gguf');
      assert((await client.ps()).models.length >= 1);
    },
    'chat': async () => {
      const whole = await client.chat({model: 'first', messages: user, options});
      const parts = await collect(await client.chat({model: 'first', messages: user, options, stream: true}));
      assert.equal(parts.map((p) => p.message.content).join(''), whole.message.content);
      assert(parts.at(-1).done && parts.at(-1).eval_count === whole.eval_count);
    },
    'chat with a format': async () => {
      const answer = await client.chat({model: 'first', messages: user, format: schema, options: {seed: 1, num_predict: 200}});
      checkWeather(JSON.parse(answer.message.content));
    },
    'generate': async () => {
      const whole = await client.generate({model: 'first', prompt: 'a', options});
      const parts = await collect(await client.generate({model: 'first', prompt: 'a', options, stream: true}));
      assert.equal(parts.map((p) => p.response).join(''), whole.response);
    },
    'errors': async () => {
      await assert.rejects(client.chat({model: 'third', messages: user}), /no model is called/);
    },
  };
}

let failed = 0;
try {
  const models = ['first', 'second'].map(makeModel);
  const {server, url} = await startServer(models);
  server.removeAllListeners('exit');
  for (const [name, tests] of Object.entries({openai: openAiTests(url), anthropic: anthropicTests(url), ollama: ollamaTests(url)})) {
    for (const [what, test] of Object.entries(tests)) {
      try {
        await test();
        console.log(`ok ${name}: ${what}`);
      } catch (error) {
        ++failed;
        console.log(`not ok ${name}: ${what}\n${error.stack}`);
      }
    }
  }
  server.kill('SIGINT');
  const code = await new Promise((resolve) => server.on('exit', resolve));
  if (code !== 0) {
    ++failed;
    console.log(`not ok: the server ended with ${code}`);
  }
} finally {
  rmSync(folder, {recursive: true, force: true});
}
process.exit(failed ? 1 : 0);
