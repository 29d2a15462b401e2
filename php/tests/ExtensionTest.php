<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;

/** How the extension and the library come together, each time in a PHP process of its own. */
final class ExtensionTest extends TestCase
{
    private const CLIENT = 'new WaCloud\\WhatsAppClient("1", "t");';

    private const CAUGHT = 'try { ' . self::CLIENT . ' } catch (WaCloud\\Exception\\ConfigError $e) { echo $e->getMessage(); }';

    /** @requires OS Linux */
    public function testLoadingItAndMakingAClientStartNoThreadAndOpenNothing(): void
    {
        $threads = 'echo count(glob("/proc/self/task/*")), " ";';
        $files = 'echo count(glob("/proc/self/fd/*")) - $files, " ";';
        $before = '$files = count(glob("/proc/self/fd/*"));';
        self::assertSame('1 1 0 ', self::php($before . $threads . self::CLIENT . $threads . $files));
    }

    public function testWithoutTheExtensionTheLibrarySaysHowToLoadIt(): void
    {
        $said = self::output(['-n'], self::CAUGHT);
        self::assertStringContainsString('extension=', $said);
        self::assertStringContainsString('php.ini', $said);
    }

    public function testAnotherVersionIsToldWithBoth(): void
    {
        // A class that is there already is not loaded: it stands for the library of another release.
        $other = 'eval("namespace WaCloud\\Internal; final class Version { const NUMBER = \'9.8.7\'; }");';
        $said = self::php($other . self::CAUGHT);
        self::assertStringContainsString('9.8.7', $said);
        self::assertStringContainsString(\WaCloud\Native\version(), $said);
    }

    /** What a script prints in a process that is set up like this one. */
    private static function php(string $script): string
    {
        return self::output(['-c', php_ini_loaded_file()], $script);
    }

    /** @param list<string> $options */
    private static function output(array $options, string $script): string
    {
        // What stands in auto_prepend_file does not come before a script of the command line.
        $autoload = 'require ' . var_export(dirname(__DIR__) . '/autoload.php', true) . ';';
        $command = [PHP_BINARY, ...$options, '-r', $autoload . $script];
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $said = stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $said);

        return $said;
    }
}
