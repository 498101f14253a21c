// Loaded into every Node of a `fakekit exec`: connections to the vendor's hosts, however they are made, go to
// this run's gateway. The name that TLS checks stays the vendor's.
'use strict';

const dns = require('node:dns');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const HOSTS = new Set(['app.xtrakit.com', 'api.xtrakit.com']);
const MARKER = '127.88.75.1'; // what they are to whoever looks them up first; nobody listens there
const port = Number(process.env._FAKEKIT_EXEC_PORT);

const isVendor = (host) => typeof host === 'string' && HOSTS.has(host.toLowerCase().replace(/\.+$/, ''));
const isLed = (host) => host === MARKER || isVendor(host);

// Of net.connect's forms (options), (port, host) and, from inside Node, ([options, callback]).
function led(args) {
  const [first, second, ...rest] = args;
  if (Array.isArray(first)) {
    if (first[0] && isLed(first[0].host)) first[0] = ledOptions(first[0]);
    return args;
  }
  if (first !== null && typeof first === 'object') {
    return isLed(first.host) ? [ledOptions(first), second, ...rest] : args;
  }
  return isLed(second) ? [port, '127.0.0.1', ...rest] : args;
}

const ledOptions = (options) => ({ ...options, host: '127.0.0.1', port, family: 4 });

if (port) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    return connect.apply(this, led(args));
  };
  // The marker is an address, of which no lookup makes a query.
  const { lookup, promises } = dns;
  dns.lookup = (host, ...rest) => lookup(isVendor(host) ? MARKER : host, ...rest);
  const lookedUp = promises.lookup;
  promises.lookup = (host, ...rest) => lookedUp(isVendor(host) ? MARKER : host, ...rest);
  syncBuiltinESMExports();
}
