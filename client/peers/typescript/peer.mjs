// The experiment on DBOS for TypeScript.
//
//   peer.mjs measure     the two workflows WARMUP + N times; prints a line of JSON
//   peer.mjs fill        N workflows such as a program leaves behind
//
// Environment: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, N, WARMUP, SIZES (bytes, by
// commas), VARIANT:
//   base64       base64 text, the default serializer: superjson
//   base64-json  base64 text, a serializer of ours that is JSON and no more
//   buffer       Buffer, the default serializer: an array of numbers

import { DBOS } from '@dbos-inc/dbos-sdk';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const env = process.env;
const variant = env.VARIANT || 'base64';
const n = Number(env.N || 10);
const warmup = Number(env.WARMUP || 3);
const sizes = (env.SIZES || '1,10,100,1000,10000,100000,1000000').split(',').map(Number);
const text = variant !== 'buffer';

const config = {
  name: 'peers',
  systemDatabaseUrl: `postgresql://${env.PGUSER}:${encodeURIComponent(env.PGPASSWORD || '')}@${env.PGHOST}:${env.PGPORT}/${env.PGDATABASE}`,
  logLevel: 'error',
};
if (variant === 'base64-json') {
  config.serializer = {
    name: () => 'plain_json',
    stringify: value => JSON.stringify(value ?? null),
    parse: stored => (stored == null ? null : JSON.parse(stored)),
  };
} else if (variant !== 'base64' && variant !== 'buffer') {
  throw new Error(`no variant "${variant}"`);
}
DBOS.setConfig(config);

const valueOf = raw => (text ? raw.toString('base64') : raw);

function check(value, size) {
  const length = (text ? Buffer.from(value, 'base64') : value).length;
  if (length !== size) throw new Error(`${length} bytes instead of ${size}`);
}

async function timed(run) {
  const start = process.hrtime.bigint();
  const result = await run();
  return [result, Number(process.hrtime.bigint() - start) / 1e6, Number(start / 1000n)];
}

// --- measure: the workflows return what their steps took, in ms, from the bytes in hand on, and
// when they began, in us

const step = (name, raw) => timed(() => DBOS.runStep(async () => valueOf(raw), { name }));
const total = sizes.reduce((a, b) => a + b, 0);

const sizeWorkflow = DBOS.registerWorkflow(
  async () => {
    const times = [];
    for (const size of sizes) {
      const [value, ms, start] = await step('size_step', randomBytes(size));
      check(value, size);
      times.push([ms, start]);
    }
    return times;
  },
  { name: 'size_workflow' },
);

const batchSizeWorkflow = DBOS.registerWorkflow(
  async () => {
    const [value, ms, start] = await step('batch_size_step', randomBytes(total));
    check(value, total);
    return [[ms, start]];
  },
  { name: 'batch_size_workflow' },
);

async function measure() {
  const seven = { times: [], calls: [] };
  const batch = { times: [], calls: [] };
  for (let k = 0; k < warmup + n; k++) {
    const order = [[sizeWorkflow, seven], [batchSizeWorkflow, batch]];
    for (const [workflow, samples] of k % 2 ? order.reverse() : order) {
      const [times, ms] = await timed(workflow);
      if (k < warmup) continue;
      samples.times.push(times);
      samples.calls.push(ms);
    }
  }
  const only = (samples, i) => samples.times.map(times => times.map(time => time[i]));
  const { version } = JSON.parse(readFileSync('node_modules/@dbos-inc/dbos-sdk/package.json'));
  console.log(
    JSON.stringify({
      peer: 'typescript',
      sdk: `@dbos-inc/dbos-sdk ${version}`,
      variant,
      sizes,
      seven_ms: only(seven, 0),
      batch_ms: only(batch, 0),
      seven_call_ms: seven.calls,
      batch_call_ms: batch.calls,
      seven_start_us: only(seven, 1),
      batch_start_us: only(batch, 1),
    }),
  );
}

// --- fill

const render = size => DBOS.runStep(async () => valueOf(randomBytes(size)), { name: 'render' });
const charge = number =>
  DBOS.runStep(async () => { throw new Error(`card ${number} was declined`); }, { name: 'charge' });

const receipt = DBOS.registerWorkflow(render, { name: 'receipt' });
const order = DBOS.registerWorkflow(
  async number => {
    for (let digits = 0; digits <= number % 5; digits++) await render(10 ** digits);
    if (number % 250 === 125) await render(number % 500 === 125 ? 10_000_000 : 1_000_000);
    if (number % 10 === 3) check(await receipt(20_000), 20_000);
    if (number % 20 === 7) {
      try {
        await charge(number);
      } catch {
        return 'declined';
      }
    }
    if (number % 25 === 9) await charge(number);
    return 'shipped';
  },
  { name: 'order' },
);

async function fill() {
  for (let number = 0; number < n; number++) await order(number).catch(() => {});
}

await DBOS.launch();
await { measure, fill }[process.argv[2]]();
await DBOS.shutdown();
process.exit(0);
