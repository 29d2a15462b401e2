<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

/** Writes what a program could log into a file, which `make test` searches for secrets in the end (`scripts/leaks.py`). */
final class Shown
{
    public static function add(mixed $thing): void
    {
        $said = [print_r($thing, true), json_encode($thing, JSON_PARTIAL_OUTPUT_ON_ERROR)];
        if ($thing instanceof \Stringable) {
            $said[] = (string) $thing;
        }
        ob_start();
        var_dump($thing);
        $said[] = ob_get_clean();
        $folder = (getenv('CARGO_TARGET_DIR') ?: dirname(__DIR__, 3) . '/target') . '/logs';
        is_dir($folder) || mkdir($folder, recursive: true);
        file_put_contents("{$folder}/debug-php.log", implode("\n", $said) . "\n", FILE_APPEND);
    }

    /** A logger that takes everything, for the same file. */
    public static function logger(): Logger
    {
        static $logger = null;

        return $logger ??= new Logger(static fn (mixed ...$event) => self::add($event));
    }
}
