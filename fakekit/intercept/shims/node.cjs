// Loaded into every Node of a `fakekit exec`: connections to the vendor's hosts, however they are made, go to
// this run's fake. The name that TLS checks stays the vendor's.
'use strict';

const children = require('node:child_process');
const dns = require('node:dns');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');
const threads = require('node:worker_threads');

const HOSTS = new Set(['app.xtrakit.com', 'api.xtrakit.com']);
const MARKER = '127.88.75.1'; // what they resolve to in a lookup before connecting; nothing listens there
const PORT = '_FAKEKIT_EXEC_PORT';
// A worker may have an environment without the variable; it has the data of the thread that started it.
const port = Number(process.env[PORT] || threads.getEnvironmentData(PORT));

const isVendor = (host) => typeof host === 'string' && HOSTS.has(host.toLowerCase().replace(/\.+$/, ''));
const isRedirected = (host) => host === MARKER || isVendor(host);

// Returns the arguments of net.connect with the fake's address. They come as (options), as (port, host) or, from
// inside Node, as ([options, callback]). Arguments for other hosts are returned as they are.
function redirectArguments(args) {
  const [first, second, ...rest] = args;
  if (Array.isArray(first)) {
    if (first[0] && isRedirected(first[0].host)) first[0] = redirectOptions(first[0]);
    return args;
  }
  if (first !== null && typeof first === 'object') {
    return isRedirected(first.host) ? [redirectOptions(first), second, ...rest] : args;
  }
  return isRedirected(second) ? [port, '127.0.0.1', ...rest] : args;
}

// Returns the options of a Worker whose environment was replaced (`env: {}`), so that it loads this file, too.
function loadInWorker(options) {
  if (!options || typeof options.env !== 'object' || options.env === null) return options;
  return { ...options, env: { ...options.env, NODE_OPTIONS: addOption(options.env.NODE_OPTIONS || '') } };
}

function addOption(options) {
  const load = `--require "${__filename.replace(/[\\"]/g, '\\$&')}"`;
  return options.includes(load) ? options : `${options} ${load}`.trim();
}

// Variables that a child process gets from us where its environment does not have them.
const PASSED_ON = [
  ...['HTTP', 'HTTPS', 'ALL', 'NO'].flatMap((name) => [`${name}_PROXY`, `${name.toLowerCase()}_proxy`]),
  ...['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'],
  ...[PORT, 'PYTHONPATH', 'CURL_HOME', 'PHP_INI_SCAN_DIR'],
];

// Lets child processes with an environment of their own (`env: {}`) be redirected, too.
function redirectChildren() {
  const ours = PASSED_ON.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]);
  const complete = (env) => ({ ...Object.fromEntries(ours), ...env, NODE_OPTIONS: addOption(env.NODE_OPTIONS || '') });
  const { spawn } = children.ChildProcess.prototype;
  children.ChildProcess.prototype.spawn = function (options) {
    if (Array.isArray(options?.envPairs)) {
      const given = options.envPairs.map((pair) => [pair.slice(0, pair.indexOf('=', 1)), pair.slice(pair.indexOf('=', 1) + 1)]);
      options.envPairs = Object.entries(complete(Object.fromEntries(given))).map(([name, value]) => `${name}=${value}`);
    }
    return spawn.call(this, options);
  };
  // These do not use ChildProcess. Their options are the last argument, if there are any.
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
    const original = children[name];
    children[name] = (...args) => {
      const options = args.at(-1);
      if (options?.env) args[args.length - 1] = { ...options, env: complete(options.env) };
      return original(...args);
    };
  }
}

const redirectOptions = (options) => ({ ...options, host: '127.0.0.1', port, family: 4 });

if (port) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    return connect.apply(this, redirectArguments(args));
  };
  // The marker is an address: dns.lookup returns it without a DNS query.
  const { lookup, promises } = dns;
  dns.lookup = (host, ...rest) => lookup(isVendor(host) ? MARKER : host, ...rest);
  const lookupPromise = promises.lookup;
  promises.lookup = (host, ...rest) => lookupPromise(isVendor(host) ? MARKER : host, ...rest);
  redirectChildren();
  threads.setEnvironmentData(PORT, String(port));
  const NodeWorker = threads.Worker;
  threads.Worker = class Worker extends NodeWorker {
    constructor(file, options) {
      super(file, loadInWorker(options));
    }
  };
  syncBuiltinESMExports();
}
