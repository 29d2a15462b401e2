<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\DeliveryUnknownError;
use WaCloud\Exception\Interrupted;
use WaCloud\Message;
use WaCloud\Tests\Support\Logger;
use WaCloud\Tests\Support\SandboxTestCase;

/**
 * A signal handler that throws ends what is being waited for.
 *
 * @requires extension pcntl
 * @requires extension posix
 */
final class SignalsTest extends SandboxTestCase
{
    /** Without the tick the wait would last as long as the answer takes. */
    private const ANSWER_MS = 20_000;

    /** In seconds; 0.3 on a machine that has nothing else to do. */
    private const SOON = 10.0;

    private int|float $signalled;

    protected function setUp(): void
    {
        parent::setUp();
        pcntl_async_signals(true);
        pcntl_signal(SIGINT, function (): never {
            $this->signalled = hrtime(true);
            throw new \LogicException('interrupted');
        });
    }

    protected function tearDown(): void
    {
        pcntl_signal(SIGINT, SIG_DFL);
        pcntl_async_signals(false);
    }

    public function testACallReturnsAndTellsWhatBecameOfIt(): void
    {
        $this->sandbox->fault(['kind' => 'delay', 'delay_ms' => self::ANSWER_MS]);
        $thrown = $this->interrupted(1, fn () => $this->wa->sendText(self::TO, 'Hello', tracker: 'order-1042'));

        $outcome = $thrown->getPrevious();
        self::assertInstanceOf(DeliveryUnknownError::class, $outcome);
        self::assertSame(['cancelled', 'order-1042'], [$outcome->reason, $outcome->tracker]);
        self::assertTrue($outcome->mayHaveBeenSent);
    }

    public function testABulkReturnsAndTellsWhatBecameOfIt(): void
    {
        $this->sandbox->fault(['kind' => 'delay', 'delay_ms' => self::ANSWER_MS, 'times' => 0]);
        $endless = (static function (): \Generator {
            while (true) {
                yield Message::text(self::TO, 'Hello');
            }
        })();
        $thrown = $this->interrupted(4, fn () => iterator_to_array($this->wa->sendBulk($endless, window: 4)));

        $outcome = $thrown->getPrevious();
        self::assertInstanceOf(Interrupted::class, $outcome);
        $unknown = array_filter($outcome->results, static fn ($result): bool => $result->outcome === 'unknown');
        self::assertCount(4, $unknown);
        self::assertContainsOnlyInstancesOf(DeliveryUnknownError::class, array_column($unknown, 'error'));
        self::assertSame(4, $this->sandbox->state()['counters']['requests']);
    }

    public function testASignalInTheLoopLeavesIt(): void
    {
        $loop = function (): void {
            foreach ($this->wa->sendBulk([Message::text(self::TO, 'Hello')]) as $_) {
                posix_kill(getmypid(), SIGINT);
            }
        };
        self::assertSame('interrupted', self::thrown(\LogicException::class, $loop)->getMessage());
        self::assertCount(1, $this->sandbox->messages());
    }

    /** The handler would throw between the answer and whoever reads it, and nobody would know that the message went out. */
    public function testASignalThatComesWithTheAnswerLeavesWhatBecameOfIt(): void
    {
        $logger = new Logger(static function ($level, $message, array $context): void {
            $context['kind'] === 'outcome' && posix_kill(getmypid(), SIGINT);
        });
        $wa = $this->sandbox->client(rate: 0.0, logger: $logger);
        $thrown = self::thrown(\LogicException::class, fn () => $wa->sendText(self::TO, 'Hello'));
        $outcome = $thrown->getPrevious();
        self::assertInstanceOf(Interrupted::class, $outcome);
        self::assertSame($this->sandbox->messages()[0]['id'], $outcome->results[0]->id);
        self::assertTrue(pcntl_async_signals());
    }

    private function interrupted(int $requests, callable $callable): \Throwable
    {
        $child = $this->afterRequests($requests, static fn (int $parent) => posix_kill($parent, SIGINT));
        $thrown = self::thrown(\LogicException::class, $callable);
        self::assertLessThan(self::SOON, (hrtime(true) - $this->signalled) / 1e9);
        pcntl_waitpid($child, $status);

        return $thrown;
    }
}
