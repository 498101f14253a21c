const axios = require('axios');
const id = 'CUSTOMER_ID'; // Replace 'CUSTOMER_ID' with your actual customer ID
const config = {
method: 'get',
url: `https://app.xtrakit.com/api/v1/customers/{id}`,
headers: {
'Authorization': 'Bearer API_KEY' // Replace 'API_KEY' with your actual API key
}
};
axios(config).then(function(response) {
console.log(JSON.stringify(response.data));
}).catch(function(error) {
console.error(error);
});
