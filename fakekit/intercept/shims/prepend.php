<?php
// Loaded into every PHP script of a `fakekit exec`: what is opened by a URL (file_get_contents, fopen, file, copy)
// goes through this run's proxy, with a context of the script's own or without. PHP's curl asks the proxy itself.

final class FakekitExecStream
{
    /** @var resource|null of the script's */
    public $context;

    /** @var resource */
    private $stream;

    public static function lead(): void
    {
        foreach (['http', 'https'] as $scheme) {
            stream_wrapper_unregister($scheme);
            stream_wrapper_register($scheme, self::class, STREAM_IS_URL);
        }
    }

    public function stream_open(string $url, string $mode, int $options, ?string &$opened): bool
    {
        $scheme = strtolower((string) parse_url($url, PHP_URL_SCHEME));
        stream_wrapper_restore($scheme);
        try {
            $stream = fopen($url, $mode, false, $this->led($scheme, (string) parse_url($url, PHP_URL_HOST)));
        } finally {
            stream_wrapper_unregister($scheme);
            stream_wrapper_register($scheme, self::class, STREAM_IS_URL);
        }
        // PHP sets it where it opens the URL, which is here; of the script's scopes only this one can be reached.
        $GLOBALS['http_response_header'] = $http_response_header ?? [];
        if ($stream === false) {
            return false;
        }
        $this->stream = $stream;
        return true;
    }

    /** The script's context, or the default one, with the proxy.  @return resource */
    private function led(string $scheme, string $host)
    {
        $given = $this->context ?? stream_context_get_default();
        if (in_array($host, ['localhost', '127.0.0.1', '[::1]'], true)) {
            return $given;
        }
        $proxy = parse_url((string) getenv('HTTPS_PROXY'));
        $options = stream_context_get_options($given);
        $headers = $options['http']['header'] ?? [];
        $headers = is_array($headers) ? $headers : array_filter(explode("\r\n", $headers), 'strlen');
        $secret = base64_encode("{$proxy['user']}:{$proxy['pass']}");
        $options['http']['header'] = [...$headers, "Proxy-Authorization: Basic $secret"];
        $options['http']['proxy'] = "tcp://{$proxy['host']}:{$proxy['port']}";
        $options['http']['request_fulluri'] = $scheme === 'http';
        $params = stream_context_get_params($given);
        unset($params['options']);
        return stream_context_create($options, $params);
    }

    /** Of HTTP nothing is known but what is opened: file_exists() and its like say no, as without us. */
    public function url_stat(string $url, int $flags): array|false
    {
        return false;
    }

    public function stream_read(int $count): string|false
    {
        return fread($this->stream, $count);
    }

    public function stream_eof(): bool
    {
        return feof($this->stream);
    }

    public function stream_stat(): array|false
    {
        return fstat($this->stream) ?: [];
    }

    public function stream_close(): void
    {
        fclose($this->stream);
    }

    /** @return resource */
    public function stream_cast(int $as)
    {
        return $this->stream;
    }

    public function stream_set_option(int $option, int $first, ?int $second): bool
    {
        return match ($option) {
            STREAM_OPTION_BLOCKING => stream_set_blocking($this->stream, (bool) $first),
            STREAM_OPTION_READ_TIMEOUT => stream_set_timeout($this->stream, $first, (int) $second),
            default => false,
        };
    }
}

if (getenv('_FAKEKIT_EXEC_PORT') !== false) {
    FakekitExecStream::lead();
}
