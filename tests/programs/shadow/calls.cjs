// Calls the service as a script would, with axios, and prints the statuses.
const axios = require('axios');

const client = axios.create({
  baseURL: 'https://app.xtrakit.com/api/v1/',
  headers: { Authorization: `Bearer ${process.env.XTRAKIT_API_KEY}` },
  transformResponse: [(text) => text],
  validateStatus: () => true,
});

(async () => {
  const statuses = [];
  for (const path of ['customers', 'customers/1', 'customers/2000000000', 'sales']) {
    statuses.push((await client.get(path)).status);
  }
  const group = { group_name: 'VIP', group_description: 'Very' };
  statuses.push((await client.post('customer-groups/add', group)).status);
  console.log(statuses.join(' '));
})();
