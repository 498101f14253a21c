<?php
// Makes every documented call the way the vendor's PHP samples do, and prints a line of JSON for each.
//
//   php client.php              bodies by json_encode: what works
//   php client.php as-printed   bodies as arrays, which is what the samples hand to curl

$base = getenv('XTRAKIT_BASE_URL') ?: 'http://127.0.0.1:4310/api/v1';
$key = getenv('XTRAKIT_API_KEY') ?: 'fk_demo';
$asPrinted = ($argv[1] ?? '') === 'as-printed';

foreach (json_decode(file_get_contents(__DIR__ . '/../calls.json'), true) as $call) {
    $url = $base . '/' . $call['path'];
    if (isset($call['query'])) {
        $url .= '?' . http_build_query($call['query']);
    }
    $note = '';
    $curl = curl_init();
    curl_setopt_array($curl, array(
        CURLOPT_URL => $url,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_ENCODING => '',
        CURLOPT_MAXREDIRS => 10,
        CURLOPT_TIMEOUT => 10, // the samples' 0 waits for ever
        CURLOPT_FOLLOWLOCATION => true,
        CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
        CURLOPT_CUSTOMREQUEST => $call['method'],
        CURLOPT_HTTPHEADER => array(
            'Authorization: Bearer ' . $key,
            'Content-Type: application/json', // on a GET too
        ),
        CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$note) {
            if (stripos($line, 'Fakekit-Note:') === 0) {
                $note = trim(substr($line, strlen('Fakekit-Note:')));
            }
            return strlen($line);
        },
    ));
    if (isset($call['body'])) {
        // An array makes curl write multipart parts, still labelled application/json by the header above.
        $body = $asPrinted ? $call['body'] : json_encode($call['body']);
        curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
    }

    $response = curl_exec($curl);
    if ($response === false) {
        fwrite(STDERR, $call['call'] . ': ' . curl_error($curl) . "\n");
        exit(1);
    }
    echo json_encode(array(
        'call' => $call['call'],
        'status' => curl_getinfo($curl, CURLINFO_RESPONSE_CODE),
        'note' => $note,
        'body' => json_decode($response),
    )), "\n";
}
