<?php

/**
 * Loads the classes of this package where Composer is not at hand: `require 'wacloud/php/autoload.php';`.
 */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (!str_starts_with($class, 'WaCloud\\')) {
        return;
    }
    $path = '/' . strtr(substr($class, strlen('WaCloud\\')), '\\', '/') . '.php';
    foreach (['/src', '/generated'] as $root) {
        if (is_file(__DIR__ . $root . $path)) {
            require __DIR__ . $root . $path;

            return;
        }
    }
});
