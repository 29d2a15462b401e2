<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;

/** How the extension and the library come together, each time in a PHP process of its own. */
final class ExtensionTest extends TestCase
{
    private const CLIENT = 'new WaCloud\\WhatsAppClient("1", "t");';

    /** @requires OS Linux */
    public function testLoadingItAndMakingAClientStartNoThread(): void
    {
        $threads = 'echo count(glob("/proc/self/task/*")), " ";';
        self::assertSame('1 1 ', self::php($threads . self::CLIENT . $threads));
    }

    public function testWithoutTheExtensionTheLibrarySaysHowToLoadIt(): void
    {
        $caught = 'try { ' . self::CLIENT . ' } catch (WaCloud\\Exception\\ConfigError $e) { echo $e->getMessage(); }';
        $said = self::output([PHP_BINARY, '-n', '-r', self::autoload() . $caught]);
        self::assertStringContainsString('extension=', $said);
        self::assertStringContainsString('php.ini', $said);
    }

    public function testAnotherVersionIsToldWithBoth(): void
    {
        // A class that is there already is not loaded: it stands for the library of another release.
        $other = 'namespace WaCloud\\Internal { final class Version { public const NUMBER = "9.8.7"; } } namespace { ';
        $caught = 'try { ' . self::CLIENT . ' } catch (WaCloud\\Exception\\ConfigError $e) { echo $e->getMessage(); } }';
        $said = self::php($other . $caught);
        self::assertStringContainsString('9.8.7', $said);
        self::assertStringContainsString(\WaCloud\Native\version(), $said);
    }

    private static function autoload(): string
    {
        return 'require ' . var_export(dirname(__DIR__) . '/autoload.php', true) . ';';
    }

    /** What a script prints that runs with the settings of this process: extension and library are loaded. */
    private static function php(string $script): string
    {
        return self::output([PHP_BINARY, '-c', php_ini_loaded_file(), '-r', $script]);
    }

    /** @param list<string> $command */
    private static function output(array $command): string
    {
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $said = stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $said);

        return $said;
    }
}
