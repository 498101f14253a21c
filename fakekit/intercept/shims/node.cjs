// Loaded into every Node of a `fakekit exec`: connections to the vendor's hosts, however they are made, go to
// this run's fake. The name that TLS checks stays the vendor's.
'use strict';

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
  const given = options.env.NODE_OPTIONS || '';
  const load = `--require "${__filename.replace(/[\\"]/g, '\\$&')}"`;
  return { ...options, env: { ...options.env, NODE_OPTIONS: given.includes(load) ? given : `${given} ${load}`.trim() } };
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
  threads.setEnvironmentData(PORT, String(port));
  const NodeWorker = threads.Worker;
  threads.Worker = class Worker extends NodeWorker {
    constructor(file, options) {
      super(file, loadInWorker(options));
    }
  };
  syncBuiltinESMExports();
}
