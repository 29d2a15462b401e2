<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;
use WaCloud\Exception\ApiError;
use WaCloud\Testing\Sandbox;

final class SandboxTest extends TestCase
{
    public function testItShowsWhatWasSentAndFailsOnDemand(): void
    {
        $sandbox = Sandbox::start(rate: 0, latency: 0.001, seed: 7);
        $sandbox->fault(['kind' => 'graph_error', 'code' => 131026]);
        $client = $sandbox->client();
        try {
            $client->sendText('+15550001234', 'Hello');
            self::fail('the fault did not hit');
        } catch (ApiError $error) {
            self::assertSame(131026, $error->getCode());
        }
        $sent = $client->sendText('+15550001234', 'Hello');

        self::assertSame([$sent->id], array_column($sandbox->messages(), 'id'));
        self::assertSame([400, 200], array_column($sandbox->requests(), 'status'));
        self::assertSame(1, $sandbox->settings()['latency_ms']);
        self::assertSame(5, $sandbox->settings(['latency_ms' => 5])['latency_ms']);
        $sandbox->reset();
        self::assertSame([], $sandbox->requests());
        $sandbox->stop();
        $this->expectException(\RuntimeException::class);
        $sandbox->messages();
    }

    public function testItStopsWithTheObject(): void
    {
        $sandbox = Sandbox::start();
        $url = $sandbox->url;
        unset($sandbox);
        self::assertFalse(@file_get_contents("{$url}/_sandbox/state"));
    }

    public function testAMissingCommandIsTold(): void
    {
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage('WACLOUD_BIN');
        Sandbox::start(binary: '/nowhere/wacloud');
    }

    public function testWhyTheCommandDoesNotStartIsTold(): void
    {
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage("did not start: error: unexpected argument '-5'");
        Sandbox::start(rate: -5);
    }

    public function testAWrongFaultIsTold(): void
    {
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage('POST faults');
        Sandbox::start()->fault(['kind' => 'no_such_thing']);
    }
}
