<?php
// Calls the service as a script would, with curl, and prints the statuses.
function call($path, $body = null) {
    $curl = curl_init('https://app.xtrakit.com/api/v1/' . $path);
    $headers = ['Authorization: Bearer ' . getenv('XTRAKIT_API_KEY')];
    if ($body !== null) {
        $headers[] = 'Content-Type: application/json';
        curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
    }
    curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_ENCODING => '', CURLOPT_HTTPHEADER => $headers]);
    curl_exec($curl);
    return curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
}

$statuses = array_map('call', ['customers', 'customers/1', 'customers/2000000000', 'sales']);
$statuses[] = call('customer-groups/add', ['group_name' => 'VIP', 'group_description' => 'Very']);
echo implode(' ', $statuses), "\n";
