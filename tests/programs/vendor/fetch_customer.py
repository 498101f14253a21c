import requests
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
