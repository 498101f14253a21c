<?php
// What the page on PHP takes for granted of a Laravel application: `php artisan test`, config() and Tests\TestCase.
// Client, facade, container and configuration are Laravel's own, from Debian's packages.

namespace {
    use Illuminate\Config\Repository;
    use Illuminate\Container\Container;
    use Illuminate\Support\Facades\Facade;

    if (basename($argv[0] ?? '') === 'artisan') {
        passthru('phpunit --bootstrap ' . escapeshellarg(__FILE__) . ' tests', $status);
        exit($status);
    }

    foreach (['Http', 'Config', 'Container'] as $component) {
        require_once "Illuminate/$component/autoload.php";
    }
    require_once 'GuzzleHttp/autoload.php';
    require_once 'Dotenv/autoload.php';

    spl_autoload_register(function (string $class): void {
        $file = __DIR__ . '/' . strtr(lcfirst($class), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    });

    function config($key)
    {
        $config = Container::getInstance()->make('config');
        return is_array($key) ? $config->set($key) : $config->get($key);
    }

    function start_application(): void
    {
        $application = new Container();
        Container::setInstance($application);
        $application->instance('config', new Repository(['services' => require __DIR__ . '/config/services.php']));
        Facade::clearResolvedInstances();
        Facade::setFacadeApplication($application);
    }
}

namespace Tests {
    abstract class TestCase extends \PHPUnit\Framework\TestCase
    {
        protected function setUp(): void
        {
            parent::setUp();
            start_application();
        }
    }
}
