<?php
// Loaded into every PHP script of a `fakekit exec`: what is opened by a URL (file_get_contents, fopen, file, copy)
// goes through this run's proxy, whether or not the script passes a context. PHP's curl uses the proxy variables, which are
// set again: the command may have changed them. The ini file of the run has their values.

final class FakekitExecStream
{
    /** @var resource|null of the script's */
    public $context;

    /** @var resource */
    private $stream;

    /** Put this class in the place of PHP's own wrappers for http:// and https:// URLs. */
    public static function register(): void
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
            $stream = fopen($url, $mode, false, $this->proxyContext($scheme));
        } finally {
            stream_wrapper_unregister($scheme);
            stream_wrapper_register($scheme, self::class, STREAM_IS_URL);
        }
        // PHP sets this variable in the scope that opens the URL, which is here. Of the script's scopes only the global one
        // can be reached.
        $GLOBALS['http_response_header'] = $http_response_header ?? [];
        if ($stream === false) {
            return false;
        }
        $this->stream = $stream;
        return true;
    }

    /**
     * Return the script's context, or the default one, with the proxy. It is used for this machine as well, since PHP
     * follows a redirect from there to the vendor with the same context.
     *
     * @return resource
     */
    private function proxyContext(string $scheme)
    {
        $context = $this->context ?? stream_context_get_default();
        $proxy = parse_url((string) get_cfg_var('fakekit.proxy'));
        $options = stream_context_get_options($context);
        $headers = $options['http']['header'] ?? [];
        $headers = is_array($headers) ? $headers : array_filter(explode("\r\n", $headers), 'strlen');
        $secret = base64_encode("{$proxy['user']}:{$proxy['pass']}");
        $options['http']['header'] = [...$headers, "Proxy-Authorization: Basic $secret"];
        $options['http']['proxy'] = "tcp://{$proxy['host']}:{$proxy['port']}";
        $options['http']['request_fulluri'] = $scheme === 'http';
        $params = stream_context_get_params($context);
        unset($params['options']);
        return stream_context_create($options, $params);
    }

    /** Return false, as PHP's own HTTP wrapper does for file_exists() and the like. */
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

if (get_cfg_var('fakekit.proxy') !== false) {
    foreach (['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'] as $name) {
        putenv("$name=" . get_cfg_var('fakekit.proxy'));
        putenv(strtolower($name) . '=' . get_cfg_var('fakekit.proxy'));
    }
    putenv('NO_PROXY=' . get_cfg_var('fakekit.no_proxy'));
    putenv('no_proxy=' . get_cfg_var('fakekit.no_proxy'));
    unset($name);
    FakekitExecStream::register();
}
