<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;
use WaCloud\Exception\WindowClosedError;
use WaCloud\Testing\Sandbox;

/** What the sandbox sends to a webhook, here PHP's own server in another process. */
final class SandboxWebhookTest extends TestCase
{
    private const TO = '+15550001234';

    private string $file;

    private string $url;

    private mixed $server;

    protected function setUp(): void
    {
        $this->file = tempnam(sys_get_temp_dir(), 'webhooks');
        // A port that was free a moment ago.
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($probe, remote: false);
        fclose($probe);
        $this->url = "http://{$address}/webhook";
        $command = [PHP_BINARY, '-n', '-S', $address, __DIR__ . '/scripts/webhook.php'];
        $quiet = ['file', '/dev/null', 'w'];
        $this->server = proc_open($command, [1 => $quiet, 2 => $quiet], $pipes, env_vars: ['WEBHOOKS' => $this->file]);
        for ($tries = 0; ($connection = @stream_socket_client("tcp://{$address}")) === false; ++$tries) {
            self::assertLessThan(1000, $tries, 'the server does not listen');
            usleep(10_000);
        }
        fclose($connection);
    }

    protected function tearDown(): void
    {
        proc_terminate($this->server);
        proc_close($this->server);
        unlink($this->file);
    }

    /** @return list<array{signature: string, body: string}> */
    private function came(): array
    {
        return array_map(static fn (string $line): array => json_decode($line, true), file($this->file));
    }

    /** @return list<array<string, mixed>> */
    private function items(string $name): array
    {
        $items = [];
        foreach ($this->came() as ['body' => $body]) {
            foreach (json_decode($body, true)['entry'] as $entry) {
                foreach ($entry['changes'] as $change) {
                    array_push($items, ...$change['value'][$name] ?? []);
                }
            }
        }

        return $items;
    }

    public function testStatusesFollowAndAreSigned(): void
    {
        $sandbox = Sandbox::start(appSecret: 'php-secret', verifyToken: 'php-token', webhookUrl: $this->url);
        $sent = $sandbox->client()->sendText(self::TO, 'Hello', tracker: 'order-1');
        $sandbox->flushWebhooks();

        $statuses = $this->items('statuses');
        self::assertSame(['sent', 'delivered', 'read'], array_column($statuses, 'status'));
        self::assertSame([$sent->id], array_unique(array_column($statuses, 'id')));
        self::assertSame('order-1', $statuses[0]['biz_opaque_callback_data']);
        foreach ($this->came() as ['signature' => $signature, 'body' => $body]) {
            self::assertSame('sha256=' . hash_hmac('sha256', $body, $sandbox->appSecret), $signature);
        }
        self::assertSame('read', $sandbox->messages()[0]['status']);
        self::assertSame(200, $sandbox->webhooks(state: 'delivered')[2]['attempts'][0]['status']);
        self::assertSame([], $sandbox->webhooks(state: 'pending'));
    }

    public function testCustomersWrite(): void
    {
        $sandbox = Sandbox::start();
        self::assertTrue($sandbox->webhook($this->url, verify_token: 'php-token', batch: 10, hold_ms: 60_000)['subscribed']);
        $written = $sandbox->customer(self::TO, text: 'Grüße', name: 'Ana');
        $sandbox->customer('US.134912086', type: 'sticker');
        $sandbox->flushWebhooks();
        self::assertCount(1, $this->came());
        [$text, $sticker] = $this->items('messages');
        self::assertSame([$written['id'], 'Grüße'], [$text['id'], $text['text']['body']]);
        self::assertArrayNotHasKey('from', $sticker);
        self::assertSame('Ana', $this->items('contacts')[0]['profile']['name']);

        self::assertSame(1, $sandbox->postWebhook('no JSON'));
        self::assertSame(2, $sandbox->postWebhook(['object' => 'page']));
        $sandbox->flushWebhooks();
        self::assertSame(['no JSON', '{"object":"page"}'], array_column(array_slice($this->came(), 1), 'body'));
    }

    public function testAWrongTokenIsTold(): void
    {
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage('403');
        Sandbox::start()->webhook($this->url, verify_token: 'another');
    }

    public function testTheWindowClosesAsTimeGoesBy(): void
    {
        $sandbox = Sandbox::start(window: true);
        $sandbox->customer(self::TO, text: 'Hello?');
        $sandbox->client()->sendText(self::TO, 'Hello!');
        $sandbox->advanceClock(24 * 3600);
        $this->expectException(WindowClosedError::class);
        $sandbox->client()->sendText(self::TO, 'Hello!');
    }
}
