// Asks a running `hasten serve` through the clients that people use: every path, streamed and not.
//   node run.mjs HASTEN     starts the program with small random models; the answers' shape is judged, not their sense
import {spawn, execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
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

// The second one was taught to fill in, and thinks before it answers.
const fillTokens = ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'];
const thinkingTemplate = `{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}<|im_start|>assistant
<think>
`;

function makeModel(name) {
  const path = join(folder, `${name}.gguf`);
  const more = [];
  if (name === 'second') {
    const template = join(folder, 'template.jinja');
    writeFileSync(template, thinkingTemplate);
    more.push('--template', template, ...[...fillTokens, '</think>'].flatMap((t) => ['--control-token', t]));
  }
  execFileSync(hasten, ['synth', '--layers', '2', '--width', '64', '--heads', '4', '--kv-heads', '2', '--vocab', '300',
                        '--quant', 'Q8_0', ...more, '-o', path]);
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
      const answer = await client.chat.completions.create({...ask, max_tokens: 300, tools, tool_choice: 'required', seed: 2,
                                                            parallel_tool_calls: false});
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
    'completions with a suffix': async () => {
      const answer = await client.completions.create({model: 'second', prompt: 'a', suffix: 'b', max_tokens: 5});
      assert.equal(answer.choices.length, 1);
      await assert.rejects(client.completions.create({model: 'first', prompt: 'a', suffix: 'b'}), (e) => e.param === 'suffix');
    },
    'parallel calls': async () => {
      const answer = await client.chat.completions.create({...ask, max_tokens: 400, tools, tool_choice: 'required'});
      const calls = answer.choices[0].message.tool_calls;
      assert(calls.length > 1);
      calls.slice(0, -1).forEach((call) => checkWeather(JSON.parse(call.function.arguments)));
      assert.equal(typeof JSON.parse(calls.at(-1).function.arguments), 'object');  // the last one may be cut off
    },
    'thoughts and their budget': async () => {
      const answer = await client.chat.completions.create(
          {...ask, model: 'second', max_tokens: 40, reasoning_budget: 6, ignore_eos: true});
      assert(answer.choices[0].message.reasoning_content.length > 0);
      assert(answer.choices[0].message.content.length > 0);
      assert(answer.usage.completion_tokens_details.reasoning_tokens >= 6);
    },
    'embeddings, base64 and numbers': async () => {
      const answer = await client.embeddings.create({model: 'first', input: ['a', 'some words']});
      const numbers = await client.embeddings.create({model: 'first', input: 'some words', encoding_format: 'float'});
      assert.equal(answer.data.length, 2);
      assert.deepEqual(Array.from(answer.data[1].embedding, Math.fround), numbers.data[0].embedding.map(Math.fround));
      assert(answer.usage.prompt_tokens > 0);
      const short = await client.embeddings.create({model: 'first', input: 'a', dimensions: 8});
      assert.equal(short.data[0].embedding.length, 8);
      await assert.rejects(client.embeddings.create({model: 'first', input: 'x'.repeat(100000)}), OpenAI.BadRequestError);
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

function responsesTests(url) {
  const client = new OpenAI({baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0});
  const ask = {model: 'first', input: 'What is the weather?', max_output_tokens: 12, seed: 1};
  const flatTools = [{type: 'function', name: 'weather', description: 'the forecast', parameters: schema, strict: true}];
  return {
    'create, retrieve, continue, list, delete': async () => {
      const answer = await client.responses.create({...ask, instructions: 'Be brief.'});
      assert.equal(answer.output[0].type, 'message');
      assert.equal(answer.output_text, answer.output[0].content[0].text);
      assert.equal((await client.responses.retrieve(answer.id)).output_text, answer.output_text);
      const next = await client.responses.create({...ask, input: 'and then?', previous_response_id: answer.id});
      assert.equal(next.previous_response_id, answer.id);
      assert(next.usage.input_tokens > answer.usage.input_tokens);
      const items = await collect(client.responses.inputItems.list(next.id));
      assert.equal(items[0].content[0].text, 'and then?');
      await client.responses.delete(answer.id);
      await assert.rejects(client.responses.retrieve(answer.id), OpenAI.NotFoundError);
    },
    'streamed is the same text': async () => {
      const whole = await client.responses.create(ask);
      const events = await collect(await client.responses.create({...ask, stream: true}));
      const text = events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta).join('');
      assert.equal(text, whole.output_text);
      assert.deepEqual(events.map((e) => e.sequence_number), events.map((e, i) => i));
      assert(['response.completed', 'response.incomplete'].includes(events.at(-1).type));
    },
    'the stream helper': async () => {
      const answer = await client.responses.stream(ask).finalResponse();
      assert.equal(answer.object, 'response');
    },
    'a schema': async () => {
      const text = {format: {type: 'json_schema', name: 'weather', schema, strict: true}};
      const answer = await client.responses.parse({...ask, max_output_tokens: 200, text});
      checkWeather(JSON.parse(answer.output_text));
    },
    'calls, whole and streamed': async () => {
      const asked = {...ask, max_output_tokens: 300, tools: flatTools, tool_choice: 'required', parallel_tool_calls: false};
      for (const answer of [await client.responses.create(asked), await client.responses.stream(asked).finalResponse()]) {
        const call = answer.output.find((item) => item.type === 'function_call');
        checkWeather(JSON.parse(call.arguments));
        const output = [{type: 'function_call_output', call_id: call.call_id, output: 'rain'}];
        const next = await client.responses.create({...ask, input: output, previous_response_id: answer.id, tools: flatTools});
        assert.equal(next.object, 'response');
      }
    },
    'thoughts': async () => {
      const asked = {...ask, model: 'second', max_output_tokens: 40, reasoning: {max_tokens: 6}, ignore_eos: true};
      for (const answer of [await client.responses.create(asked), await client.responses.stream(asked).finalResponse()]) {
        assert.deepEqual(answer.output.map((item) => item.type), ['reasoning', 'message']);
        assert(answer.output[0].content[0].text.length > 0);
        assert(answer.usage.output_tokens_details.reasoning_tokens >= 6);
      }
    },
    'in the background': async () => {
      let answer = await client.responses.create({...ask, background: true});
      while (['queued', 'in_progress'].includes(answer.status)) answer = await client.responses.retrieve(answer.id);
      assert(['completed', 'incomplete'].includes(answer.status));
      const endless = await client.responses.create({...ask, background: true, max_output_tokens: 100000, ignore_eos: true});
      assert.equal((await client.responses.cancel(endless.id)).id, endless.id);
    },
    'errors': async () => {
      await assert.rejects(client.responses.create({...ask, temperature: 'hot'}),
                           (e) => e instanceof OpenAI.BadRequestError && e.param === 'temperature');
      await assert.rejects(client.responses.create({...ask, previous_response_id: 'resp_gone'}), OpenAI.NotFoundError);
    },
  };
}

// What llama-server's own clients ask: there is no package for them.
function nativeTests(url) {
  const post = async (path, body) => {
    const answer = await fetch(url + path, {method: 'POST', body: JSON.stringify(body)});
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  return {
    'infill': async () => {
      const answer = await post('/infill', {model: 'second', input_prefix: 'a', input_suffix: 'b', n_predict: 4, ignore_eos: true});
      assert.equal(answer.tokens_predicted, 4);
    },
    'completion': async () => {
      const answer = await post('/completion', {model: 'first', prompt: 'a', n_predict: 4, ignore_eos: true});
      assert.equal(answer.stop_type, 'limit');
    },
    'tokens there and back': async () => {
      const {tokens} = await post('/tokenize', {model: 'first', content: 'some words'});
      assert.equal((await post('/detokenize', {model: 'first', tokens})).content, 'some words');
      assert((await post('/apply-template', {model: 'first', messages: user})).prompt.includes('weather'));
    },
    'health, props, slots, metrics': async () => {
      assert.equal((await (await fetch(`${url}/health`)).json()).status, 'ok');
      assert((await (await fetch(`${url}/props`)).json()).total_slots > 0);
      assert(Array.isArray(await (await fetch(`${url}/slots`)).json()));
      assert.match(await (await fetch(`${url}/metrics`)).text(), /hasten_generated_tokens_total/);
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
      const asked = {...ask, max_tokens: 300, tools: claudeTools, tool_choice: {type: 'any', disable_parallel_tool_use: true}};
      for (const answer of [await client.messages.create(asked), await client.messages.stream(asked).finalMessage()]) {
        assert.equal(answer.stop_reason, 'tool_use');
        const block = answer.content.find((b) => b.type === 'tool_use');
        checkWeather(block.input);
        const result = {role: 'user', content: [{type: 'tool_result', tool_use_id: block.id, content: 'rain'}]};
        const history = [...user, {role: 'assistant', content: answer.content}, result];
        assert.equal((await client.messages.create({...ask, messages: history, tools: claudeTools})).type, 'message');
      }
    },
    'thinking with a budget': async () => {
      const asked = {...ask, model: 'second', max_tokens: 40, thinking: {type: 'enabled', budget_tokens: 6}, ignore_eos: true};
      for (const answer of [await client.messages.create(asked), await client.messages.stream(asked).finalMessage()])
        assert.deepEqual(answer.content.map((b) => b.type), ['thinking', 'text']);
    },
    'system as blocks, one call at most': async () => {
      const answer = await client.messages.create({
        ...ask, max_tokens: 300, system: [{type: 'text', text: 'Be brief.', cache_control: {type: 'ephemeral'}}],
        tools: claudeTools, tool_choice: {type: 'tool', name: 'weather', disable_parallel_tool_use: true}});
      assert.equal(answer.content.filter((b) => b.type === 'tool_use').length, 1);
    },
    'a picture is refused': async () => {
      const source = {type: 'base64', media_type: 'image/png', data: 'AAAA'};
      const messages = [{role: 'user', content: [{type: 'image', source}]}];
      await assert.rejects(client.messages.create({...ask, messages}), /messages\[0\]\.content\[0\]\.type/);
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
    'generate goes on from a context, fills in, is raw': async () => {
      const first = await client.generate({model: 'first', prompt: 'a', options});
      const next = await client.generate({model: 'first', prompt: 'b', context: first.context, options});
      assert(next.prompt_eval_count > first.prompt_eval_count);
      const filled = await client.generate({model: 'second', prompt: 'a', suffix: 'b', options});
      assert(filled.done);
      assert((await client.generate({model: 'first', prompt: 'a', raw: true, options})).done);
    },
    'tools, thoughts': async () => {
      const thought = await client.chat({model: 'second', messages: user, think: true, options: {num_predict: 12, seed: 1}});
      assert(thought.message.thinking.length > 0);
      assert((await client.chat({model: 'first', messages: user, tools, options})).done);
    },
    'embed, and its older form': async () => {
      const {embeddings} = await client.embed({model: 'first', input: ['a', 'some words']});
      assert.equal(embeddings.length, 2);
      assert.deepEqual((await client.embeddings({model: 'first', prompt: 'a'})).embedding, embeddings[0]);
    },
    'load, unload, version': async () => {
      assert.equal((await client.generate({model: 'second', prompt: ''})).done_reason, 'load');
      assert.equal((await client.generate({model: 'second:latest', prompt: '', keep_alive: 0})).done_reason, 'unload');
      assert.match((await client.version()).version, /^\d/);
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
  const suites = {
    openai: openAiTests(url), responses: responsesTests(url), anthropic: anthropicTests(url), ollama: ollamaTests(url),
    native: nativeTests(url),
  };
  for (const [name, tests] of Object.entries(suites)) {
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
