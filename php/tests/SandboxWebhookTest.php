<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;
use WaCloud\Exception\WindowClosedError;
use WaCloud\Testing\Sandbox;
use WaCloud\Tests\Support\Receiver;

/** What the sandbox sends to a webhook, here PHP's own server in another process. */
final class SandboxWebhookTest extends TestCase
{
    private const TO = '+15550001234';

    private Receiver $receiver;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
    }

    protected function tearDown(): void
    {
        unset($this->receiver);
    }

    /** @return list<array<string, mixed>> */
    private function items(string $name): array
    {
        $items = [];
        foreach ($this->receiver->came() as ['body' => $body]) {
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
        $sandbox = Sandbox::start(appSecret: 'php-secret', verifyToken: 'php-token', webhookUrl: $this->receiver->url);
        $sent = $sandbox->client()->sendText(self::TO, 'Hello', tracker: 'order-1');
        $sandbox->flushWebhooks();

        $statuses = $this->items('statuses');
        self::assertSame(['sent', 'delivered', 'read'], array_column($statuses, 'status'));
        self::assertSame([$sent->id], array_unique(array_column($statuses, 'id')));
        self::assertSame('order-1', $statuses[0]['biz_opaque_callback_data']);
        foreach ($this->receiver->came() as ['signature' => $signature, 'body' => $body]) {
            self::assertSame('sha256=' . hash_hmac('sha256', $body, $sandbox->appSecret), $signature);
        }
        self::assertSame('read', $sandbox->messages()[0]['status']);
        self::assertSame(200, $sandbox->webhooks(state: 'delivered')[2]['attempts'][0]['status']);
        self::assertSame([], $sandbox->webhooks(state: 'pending'));
    }

    public function testCustomersWrite(): void
    {
        $sandbox = Sandbox::start();
        self::assertTrue($sandbox->webhook($this->receiver->url, verify_token: 'php-token', batch: 10, hold_ms: 60_000)['subscribed']);
        $written = $sandbox->customer(self::TO, text: 'Grüße', name: 'Ana');
        $sandbox->customer('US.134912086', type: 'sticker');
        $sandbox->flushWebhooks();
        self::assertCount(1, $this->receiver->came());
        [$text, $sticker] = $this->items('messages');
        self::assertSame([$written['id'], 'Grüße'], [$text['id'], $text['text']['body']]);
        self::assertArrayNotHasKey('from', $sticker);
        self::assertSame('Ana', $this->items('contacts')[0]['profile']['name']);

        self::assertSame(1, $sandbox->postWebhook('no JSON'));
        self::assertSame(2, $sandbox->postWebhook(['object' => 'page']));
        $sandbox->flushWebhooks();
        self::assertSame(['no JSON', '{"object":"page"}'], array_column(array_slice($this->receiver->came(), 1), 'body'));
    }

    public function testAWrongTokenIsTold(): void
    {
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage('403');
        Sandbox::start()->webhook($this->receiver->url, verify_token: 'another');
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
