<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Tests\Support\FastCgi;
use WaCloud\Tests\Support\SandboxTestCase;

/** Under php-fpm, where every request makes its client anew. */
final class FpmTest extends SandboxTestCase
{
    private ?string $folder = null;

    /** @var resource|null */
    private mixed $server = null;

    protected function setUp(): void
    {
        parent::setUp();
        $binary = self::binary() ?? self::markTestSkipped('php-fpm is not installed (Debian: php8.2-fpm)');
        $this->folder = sys_get_temp_dir() . '/wacloud-fpm-' . getmypid();
        mkdir($this->folder, 0700);
        $asRoot = posix_getuid() === 0;
        $user = $asRoot ? "user = root\ngroup = root" : '';
        file_put_contents("{$this->folder}/fpm.conf", <<<CONFIGURATION
            [global]
            error_log = {$this->folder}/log
            [pool]
            {$user}
            listen = {$this->folder}/socket
            pm = static
            pm.max_children = 1
            CONFIGURATION);
        $command = [$binary, '--nodaemonize', '--php-ini', php_ini_loaded_file(), '--fpm-config', "{$this->folder}/fpm.conf"];
        if ($asRoot) {
            $command[] = '--allow-to-run-as-root';
        }
        $output = ['file', "{$this->folder}/output", 'w'];
        $this->server = proc_open($command, [1 => $output, 2 => $output], $pipes);
        // The file is there before anybody listens.
        while (($connection = @stream_socket_client("unix://{$this->folder}/socket")) === false) {
            $log = implode('', array_map(file_get_contents(...), glob("{$this->folder}/{log,output}", GLOB_BRACE)));
            self::assertTrue(proc_get_status($this->server)['running'], "php-fpm ended: {$log}");
            usleep(5_000);
        }
        fclose($connection);
    }

    protected function tearDown(): void
    {
        if ($this->server !== null) {
            proc_terminate($this->server);
            proc_close($this->server);
        }
        if ($this->folder !== null) {
            array_map(unlink(...), glob("{$this->folder}/*"));
            rmdir($this->folder);
        }
    }

    public function testASecondRequestOpensNoConnection(): void
    {
        $page = fn (): array => json_decode(FastCgi::get("{$this->folder}/socket", __DIR__ . '/scripts/send.php', [
            'WA_PHONE_ID' => $this->sandbox->phoneNumberId,
            'WA_TOKEN' => $this->sandbox->token,
            'WA_BASE_URL' => $this->sandbox->url,
        ]), associative: true, flags: JSON_THROW_ON_ERROR);
        $first = $page();
        $second = $page();

        self::assertSame($first['pid'], $second['pid']);
        self::assertSame([$first['id'], $second['id']], array_column($this->sandbox->messages(), 'id'));
        self::assertCount(1, array_unique(array_column($this->sandbox->requests(), 'connection')));
    }

    private static function binary(): ?string
    {
        $version = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        // Beside this PHP first: another one might not be able to load the extension.
        foreach ([dirname(PHP_BINDIR) . '/sbin', '/usr/sbin', '/usr/local/sbin', ...explode(':', (string) getenv('PATH'))] as $folder) {
            foreach (["php-fpm{$version}", 'php-fpm'] as $name) {
                if (is_executable("{$folder}/{$name}")) {
                    return "{$folder}/{$name}";
                }
            }
        }

        return null;
    }
}
