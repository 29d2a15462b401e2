<?php

// A Laravel application with nothing in it but a queue, for tests/e2e/test_queue_of_laravel.py. Debian has the framework, but not
// the application that Composer begins with.

declare(strict_types=1);

require_once 'Illuminate/autoload.php';
require_once 'Predis/autoload.php';

spl_autoload_register(static function (string $class): void {
    $file = dirname(__DIR__) . '/app/' . strtr(substr($class, strlen('App\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'App\\') && is_file($file)) {
        require $file;
    }
});

$app = new Illuminate\Foundation\Application(dirname(__DIR__));
$app->singleton(Illuminate\Contracts\Console\Kernel::class, Illuminate\Foundation\Console\Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);

return $app;
