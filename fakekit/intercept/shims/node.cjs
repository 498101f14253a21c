// Loaded into every Node of a `fakekit exec`: connections to the vendor's hosts, however they are made, go to
// this run's fake. The name that TLS checks stays the vendor's.
'use strict';

const dns = require('node:dns');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const HOSTS = new Set(['app.xtrakit.com', 'api.xtrakit.com']);
const MARKER = '127.88.75.1'; // what they resolve to in a lookup before connecting; nothing listens there
const port = Number(process.env._FAKEKIT_EXEC_PORT);

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
  syncBuiltinESMExports();
}
