// Dials with Node's net.connect. What it does and prints stands in bench_run.hpp.
//
//   node dial.js [--cares] PATTERN PORT N CONCURRENCY
//
// By itself Node looks names up with dns.lookup (the C library, in libuv's threads): peer "node". With --cares the
// lookup is resolve6 and resolve4 of a dns.Resolver, which is c-ares: peer "node_cares".
'use strict';
const dns = require('node:dns');
const net = require('node:net');

class Impossible extends Error {}

function numberFrom(text, most) {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < 1 || value > most)
    throw new Error(`not a number of 1..${most}: "${text}"`);
  return value;
}

function workFrom(words) {
  if (words.length !== 4) throw new Error('usage: dial.js [--cares] PATTERN PORT N CONCURRENCY');
  const [before, after, ...more] = words[0].split('%');
  if (more.length > 0 || (after !== undefined && !after.startsWith('d')))
    throw new Error(`a pattern has one %d and no other %: "${words[0]}"`);
  return {
    hostOf: (number) => (after === undefined ? before : before + number + after.slice(1)),
    port: numberFrom(words[1], 65535),
    dials: numberFrom(words[2], 10_000_000),
    atOnce: numberFrom(words[3], 10_000_000),
  };
}

// A lookup in the form that net.connect wants, over c-ares. Both families are waited for; IPv6 comes first.
function caresLookup() {
  const resolver = new dns.Resolver();
  if (process.env.BENCH_DNS) resolver.setServers([process.env.BENCH_DNS]);
  return (host, options, done) => {
    const found = { 6: [], 4: [] };
    let trouble = null;
    let missing = 2;
    const note = (family) => (error, addresses) => {
      if (error) trouble = error;
      else found[family] = addresses.map((address) => ({ address, family }));
      if (--missing > 0) return;
      const all = [...found[6], ...found[4]];
      if (all.length === 0) done(trouble);
      else if (options.all) done(null, all);
      else done(null, all[0].address, all[0].family);
    };
    resolver.resolve6(host, note(6));
    resolver.resolve4(host, note(4));
  };
}

function lookupOf(cares) {
  if (cares) return { lookup: caresLookup() };
  if (process.env.BENCH_DNS)
    throw new Impossible('cannot be told another server than those of resolv.conf');
  return {};
}

function dialAll(work, lookup, atEnd) {
  const failures = new Map();
  let started = 0;
  let ended = 0;
  const next = () => {
    if (++ended === work.dials) atEnd(failures);
    else if (started < work.dials) start();
  };
  const start = () => {
    const options = { host: work.hostOf(started++), port: work.port, noDelay: true, ...lookup };
    const socket = net.connect(options);
    socket.on('connect', () => {
      socket.resetAndDestroy();
      next();
    });
    socket.on('error', (error) => {
      const kind = error.code ?? error.message;
      failures.set(kind, (failures.get(kind) ?? 0) + 1);
      next();
    });
  };
  while (started < work.dials && started < work.atOnce) start();
}

function print(name, work, failures, start, cpuStart) {
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = process.cpuUsage(cpuStart);
  let failed = 0;
  for (const [kind, count] of failures) {
    failed += count;
    process.stderr.write(`${name}: ${count} ${kind}\n`);
  }
  console.log(`${name} dials/s ${(work.dials / wall).toFixed(1)} failed ${failed}` +
    ` cpu_us/dial ${((cpu.user + cpu.system) / work.dials).toFixed(3)}` +
    ` rss_kb ${process.resourceUsage().maxRSS} wall ${wall.toFixed(6)}`);
}

function main(words) {
  const cares = words[0] === '--cares';
  const name = cares ? 'node_cares' : 'node';
  try {
    const work = workFrom(cares ? words.slice(1) : words);
    const lookup = lookupOf(cares);
    const start = process.hrtime.bigint();
    const cpuStart = process.cpuUsage();
    dialAll(work, lookup, (failures) => print(name, work, failures, start, cpuStart));
  } catch (failure) {
    process.stderr.write(`${name}: ${failure.message}\n`);
    process.exitCode = failure instanceof Impossible ? 3 : 1;
  }
}

main(process.argv.slice(2));
