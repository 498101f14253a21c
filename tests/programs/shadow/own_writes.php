<?php
// Deletes the group of a customer, with curl, and reads the customer before and after; does it twice, and prints the statuses.
$statuses = [];
function ask($method, $path, $body = null) {
    global $statuses;
    $curl = curl_init('https://app.xtrakit.com/api/v1/' . $path);
    $headers = ['Authorization: Bearer ' . getenv('XTRAKIT_API_KEY')];
    if ($body !== null) {
        $headers[] = 'Content-Type: application/json';
        curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
    }
    curl_setopt_array($curl, [CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => $headers]);
    $document = json_decode(curl_exec($curl), true);
    $statuses[] = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    return isset($document['data']) ? reset($document['data']) : null;
}

$fields = [
    'customer_name' => 'Ama Mensah', 'customer_phone' => '+233201112223', 'customer_country' => 'Ghana',
    'customer_city' => 'Kumasi', 'customer_state' => 'Ashanti', 'address1' => '4 Harper Road',
];
for ($i = 0; $i < 2; $i++) {
    $group = ask('POST', 'customer-groups/add', ['group_name' => 'VIP', 'group_description' => 'Very'])['id'];
    $customer = ask('POST', 'customers/add', $fields + ['customer_group_id' => $group])['id'];
    ask('GET', "customers/$customer");
    ask('DELETE', "customer-groups/$group");
    ask('GET', "customers/$customer");
}
echo implode(' ', $statuses), "\n";
