<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

use PHPUnit\Framework\Assert;

/** A server for webhooks: PHP's own in another process. It ends with this object. */
final class Receiver
{
    public readonly string $url;

    private string $file;

    private mixed $server;

    public function __construct()
    {
        $this->file = tempnam(sys_get_temp_dir(), 'webhooks');
        // A port that was free a moment ago.
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($probe, remote: false);
        fclose($probe);
        $this->url = "http://{$address}/webhook";
        $command = [PHP_BINARY, '-n', '-S', $address, dirname(__DIR__) . '/scripts/webhook.php'];
        $quiet = ['file', '/dev/null', 'w'];
        $this->server = proc_open($command, [1 => $quiet, 2 => $quiet], $pipes, env_vars: ['WEBHOOKS' => $this->file]);
        for ($tries = 0; ($connection = @stream_socket_client("tcp://{$address}")) === false; ++$tries) {
            Assert::assertLessThan(1000, $tries, 'the server does not listen');
            usleep(10_000);
        }
        fclose($connection);
    }

    public function __destruct()
    {
        proc_terminate($this->server);
        proc_close($this->server);
        unlink($this->file);
    }

    /** @return list<array{signature: string, body: string}> */
    public function came(): array
    {
        return array_map(static fn (string $line): array => json_decode($line, true), file($this->file));
    }

    public function forget(): void
    {
        file_put_contents($this->file, '');
    }
}
