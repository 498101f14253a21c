"""The three programs of the vendor's page Fetch Customer, as they are printed there."""

from __future__ import annotations

PHP = """<?php
$id = 'CUSTOMER_ID'; // Replace 'CUSTOMER_ID' with your actual customer ID
$url = 'https://app.xtrakit.com/api/v1/customers/' . $id;
$curl = curl_init();
curl_setopt_array($curl, array(
CURLOPT_URL => $url,
CURLOPT_RETURNTRANSFER => true,
CURLOPT_ENCODING => '',
CURLOPT_MAXREDIRS => 10,
CURLOPT_TIMEOUT => 0,
CURLOPT_FOLLOWLOCATION => true,
CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
CURLOPT_CUSTOMREQUEST => 'GET',
CURLOPT_HTTPHEADER => array(
'Authorization: Bearer API_KEY', // Replace 'API_KEY' with your actual API key
'Content-Type: application/json'
),
));
$response = curl_exec($curl);
curl_close($curl);
echo $response;
?>
"""

NODE = """const axios = require('axios');
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
"""

PYTHON = """import requests
id = 'CUSTOMER_ID' # Replace 'CUSTOMER_ID' with your actual customer ID
url = f'https://app.xtrakit.com/api/v1/customers/{id}'
headers = {
"Authorization": "Bearer API_KEY" # Replace 'API_KEY' with your actual API key
}
try:
    response = requests.get(url, headers=headers)
    print(response.json())
except requests.exceptions.RequestException as e:
    print(e)
"""
