<?php
// The suite in PHP. Each test makes up a key, and so has an account of its own.
declare(strict_types=1);

const AMA = [
    'customer_name' => 'Ama Mensah',
    'customer_phone' => '+233201112223',
    'customer_country' => 'Ghana',
    'customer_city' => 'Kumasi',
    'customer_state' => 'Ashanti',
    'address1' => '4 Harper Road',
];

function send(string $method, string $path, string $header, ?array $body): array
{
    $origin = getenv('FAKEKIT_URL') ?: 'http://127.0.0.1:4310';
    $curl = curl_init($origin . $path);
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 5,
        CURLOPT_HTTPHEADER => [$header, 'Content-Type: application/json'],
    ]);
    if ($body !== null) {
        curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
    }
    $text = curl_exec($curl);
    if ($text === false) {
        throw new RuntimeException(curl_error($curl));
    }
    return ['status' => curl_getinfo($curl, CURLINFO_RESPONSE_CODE), 'body' => json_decode($text, true)];
}

class Account
{
    private string $key;

    public function __construct()
    {
        $this->key = 'fk_php_' . bin2hex(random_bytes(8));
    }

    /** One request to XtraKit's API. */
    public function ask(string $method, string $path, ?array $body = null): array
    {
        return send($method, "/api/v1/$path", "Authorization: Bearer $this->key", $body);
    }

    /** One request to fakekit's control API, about this account; throws if it is refused. */
    public function control(string $method, string $path, ?array $body = null): array
    {
        $answer = send($method, "/_fakekit/accounts/$this->key/$path", 'Fakekit-Control: 1', $body);
        if ($answer['status'] >= 400) {
            throw new RuntimeException(json_encode($answer['body']));
        }
        return $answer;
    }
}

function same(mixed $expected, mixed $found): void
{
    if ($expected !== $found) {
        throw new RuntimeException('expected ' . json_encode($expected) . ', found ' . json_encode($found));
    }
}

$tests = [
    'fetch' => function (Account $account): void {
        $answer = $account->ask('GET', 'customers/1');
        same(200, $answer['status']);
        same('Jane Doe', $answer['body']['data']['customer']['customer_name']);
    },
    'add' => function (Account $account): void {
        $added = $account->ask('POST', 'customers/add', AMA)['body']['data']['customer'];
        same(51, $added['id']);
        same($added, $account->ask('GET', 'customers/51')['body']['data']['customer']);
    },
    'delete' => function (Account $account): void {
        same(204, $account->ask('DELETE', 'customers/1')['status']);
        same(404, $account->ask('GET', 'customers/1')['status']);
    },
    'fail twice' => function (Account $account): void {
        $account->control('POST', 'faults', ['fault' => 'fail', 'status' => 503, 'times' => 2]);
        $statuses = [];
        for ($n = 0; $n < 3; $n++) {
            $statuses[] = $account->ask('GET', 'customers/1')['status'];
        }
        same([503, 503, 200], $statuses);
    },
    'journal' => function (Account $account): void {
        $account->ask('POST', 'customers/add', AMA);
        $account->ask('GET', 'customers/51');
        $requests = $account->control('GET', 'requests')['body']['requests'];
        same(
            [['POST', '/api/v1/customers/add', 200], ['GET', '/api/v1/customers/51', 200]],
            array_map(fn (array $r): array => [$r['method'], $r['path'], $r['status']], $requests),
        );
    },
];

$failed = 0;
foreach ($tests as $name => $test) {
    try {
        $test(new Account());
        echo "ok - $name\n";
    } catch (Throwable $error) {
        $failed++;
        echo "not ok - $name: {$error->getMessage()}\n";
    }
}
exit($failed === 0 ? 0 : 1);
