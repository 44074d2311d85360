'use strict';
// run.js ADDON [NM]    The test of the addon: dials in this thread and in others, all of them on Node's own
// loops. With the program NM it looks at the symbols of the addon too. The exit code is 0 only if all was right.
const assert = require('node:assert');
const { createHook } = require('node:async_hooks');
const { execFileSync } = require('node:child_process');
const dgram = require('node:dgram');
const net = require('node:net');
const { Worker, isMainThread, workerData } = require('node:worker_threads');

// Nothing of c-ares may come from outside, and nothing but Node's two entries may be seen there.
function checkSymbols(addon, nm) {
  const names = (kind) => execFileSync(nm, ['-D', '-P', kind, addon], { encoding: 'utf8' }).split('\n')
    .map((line) => line.split(' ')[0]).filter(Boolean);
  const wanted = names('--undefined-only');
  assert.deepStrictEqual(wanted.filter((name) => /^ares_|uvdial/.test(name)), []);
  assert.ok(wanted.includes('uv_run'), 'libuv comes from outside');
  const shown = names('--defined-only');
  const entry = /^(napi_register_module|node_api_module_get_api_version)_v1$/;
  assert.deepStrictEqual(shown.filter((name) => !entry.test(name)), []);
}

// libuv must be the one whose loop Node runs: inside the program itself, or a library that they share.
function checkLibuv({ version, file }) {
  assert.strictEqual(version, process.versions.uv);
  if (process.config.variables.node_shared_libuv) assert.match(file, /\/libuv\.so/);
  else assert.ok([process.argv0, process.execPath].includes(file) || /\/libnode\.so/.test(file), file);
}

// Each dial must come back through a callback scope, which is what runs what waits for its promise. async_hooks
// sees it.
function watchScopes() {
  const open = new Set();
  let closed = 0;
  const hook = createHook({
    init(id, type) { if (type === 'uvdial') open.add(id); },
    after(id) { if (open.delete(id)) closed += 1; },
  }).enable();
  return () => {
    hook.disable();
    return { open: open.size, closed };
  };
}

function listen(onConnection) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      onConnection(socket);
    });
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

// A DNS server for c-ares: each name has the one address 127.0.0.1.
function answerDns() {
  return new Promise((resolve, reject) => {
    const server = dgram.createSocket('udp4', (query, from) => {
      const afterName = query.indexOf(0, 12) + 1;
      const wantsV4 = query.readUInt16BE(afterName) === 1;
      const head = Buffer.from(query.subarray(0, 12));
      head.writeUInt16BE(0x8180, 2);
      [1, wantsV4 ? 1 : 0, 0, 0].forEach((count, i) => head.writeUInt16BE(count, 4 + 2 * i));
      const address = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
      const question = query.subarray(12, afterName + 4);
      const answer = wantsV4 ? address : Buffer.alloc(0);
      server.send(Buffer.concat([head, question, answer]), from.port, from.address);
    });
    server.once('error', reject);
    server.bind(0, '127.0.0.1', () => resolve(server));
  });
}

async function dialAll(addon) {
  checkLibuv(addon.libuv);
  const scopes = watchScopes();
  const dns = await answerDns();
  addon.setServers([`127.0.0.1:${dns.address().port}`]);
  const server = await listen((socket) => socket.end('hello\nand more\n'));
  const { port } = server.address();

  const expected = { address: '127.0.0.1', family: 'IPv4', line: 'hello' };
  assert.deepStrictEqual(await addon.dial('127.0.0.1', port), expected);
  assert.deepStrictEqual(await addon.dial('localhost', port, { timeout: 5000 }), expected);
  const burst = Array.from({ length: 50 }, (_, i) => addon.dial(`host-${i}.test`, port));
  assert.deepStrictEqual(await Promise.all(burst), Array(50).fill(expected));

  // The server holds its port on 127.0.0.1 only, so nobody can take this one meanwhile.
  await assert.rejects(addon.dial('127.0.0.2', port), (why) => why instanceof Error &&
    why.code === 'ECONNREFUSED' && why.message.startsWith(`connect 127.0.0.2:${port}: `));
  await assert.rejects(addon.dial('never.onion', port), /never\.onion/);
  assert.deepStrictEqual(scopes(), { open: 0, closed: 54 });
  assert.throws(() => addon.dial('', port), TypeError);
  assert.throws(() => addon.dial('localhost', 65536), TypeError);
  assert.throws(() => addon.dial('localhost', port, { timeout: 0 }), TypeError);
  assert.throws(() => addon.dial(), TypeError);
  assert.throws(() => addon.setServers([]), /after the first dial/);
  server.close();
  dns.close();
}

// Runs this file in another thread, which loads the addon for itself; resolves with its exit code.
function inThread(data, onWorker = () => {}) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { argv: process.argv.slice(2), workerData: data });
    worker.once('error', reject);
    worker.once('exit', resolve);
    onWorker(worker);
  });
}

// A thread is ended while some of its dials wait for a line that never comes, and others have only begun.
async function endThreadWhileDialing() {
  let worker;
  const server = await listen(() => {});
  server.once('connection', () => worker.terminate());
  await inThread({ silent: server.address().port }, (made) => { worker = made; });
  server.close();
}

const addonFile = process.argv[2];

async function main() {
  if (process.argv[3]) checkSymbols(addonFile, process.argv[3]);
  // First where this thread does not have the addon yet: then it is unloaded when the other thread ends.
  assert.strictEqual(await inThread({}), 0);
  assert.strictEqual(await inThread({}), 0);
  const addon = require(addonFile);
  await Promise.all([dialAll(addon), inThread({}).then((code) => assert.strictEqual(code, 0))]);
  await endThreadWhileDialing();
}

async function thread() {
  const addon = require(addonFile);
  if (!workerData.silent) return dialAll(addon);
  const dials = Array.from({ length: 20 }, () => addon.dial('localhost', workerData.silent));
  return Promise.all(dials);
}

// 1 until the end is reached, also where the loop runs dry before that: a promise that nobody keeps is a failure.
// After it nothing calls process.exit(): a dialer without work does not hold the loop.
process.exitCode = 1;
(isMainThread ? main() : thread()).then(
  () => { process.exitCode = 0; },
  (why) => {
    console.error(why);
    process.exit(1);
  });
