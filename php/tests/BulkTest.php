<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\BulkResult;
use WaCloud\Exception\AuthenticationError;
use WaCloud\Exception\ConfigError;
use WaCloud\Exception\PolicyError;
use WaCloud\Exception\ValidationError;
use WaCloud\Message;
use WaCloud\Testing\Sandbox;
use WaCloud\Tests\Support\SandboxTestCase;

final class BulkTest extends SandboxTestCase
{
    public function testEachResultHasItsPlace(): void
    {
        $messages = [
            Message::text(self::TO, 'Hello'),
            Message::text(self::TO, ''),
            'no message at all',
            Message::image(self::TO, 'https://example.com/a.jpg'),
        ];
        $outcomes = [];
        foreach ($this->wa->sendBulk($messages) as $index => $result) {
            self::assertSame($index, $result->index);
            $outcomes[$index] = $result->outcome;
            self::assertSame($result->outcome === 'accepted', $result->sent !== null);
            self::assertSame($result->outcome === 'not_sent', $result->error instanceof ValidationError);
        }
        ksort($outcomes);
        self::assertSame(['accepted', 'not_sent', 'not_sent', 'accepted'], $outcomes);
        self::assertCount(2, $this->sandbox->messages());
    }

    public function testAnObjectThatCannotSayWhatItIsStopsNoOtherMessage(): void
    {
        $json = new class () implements \JsonSerializable {
            public function jsonSerialize(): mixed
            {
                throw new \RuntimeException('the row of +15550001234 is gone');
            }
        };
        $text = new class () {
            public function __toString(): string
            {
                throw new \RuntimeException('the row of +15550001234 is gone');
            }
        };
        $messages = [
            Message::text(self::TO, 'One'),
            Message::text(self::TO, $json),
            Message::text(self::TO, $text),
            Message::text(self::TO, 'Four'),
        ];
        $results = iterator_to_array($this->wa->sendBulk($messages));
        ksort($results);
        self::assertSame(['accepted', 'not_sent', 'not_sent', 'accepted'], array_column($results, 'outcome'));
        foreach ([[1, 'jsonSerialize()'], [2, '__toString()']] as [$index, $method]) {
            $error = $results[$index]->error;
            self::assertInstanceOf(ValidationError::class, $error);
            self::assertSame('text.body', $error->violations[0]->path);
            self::assertStringContainsString("whose {$method} threw RuntimeException in BulkTest.php:", $error->getMessage());
            self::assertStringNotContainsString('is gone', $error->getMessage());
        }
        self::thrown(ValidationError::class, fn () => $this->wa->sendText(self::TO, $json));
        self::assertCount(2, $this->sandbox->messages());
    }

    /** @return iterable<string, array{callable(list<Message>): iterable<Message>}> */
    public function iterables(): iterable
    {
        yield 'an array' => [static fn (array $messages): array => $messages];
        yield 'an array with keys' => [static fn (array $messages): array => ['a' => $messages[0], 'b' => $messages[1]]];
        yield 'a generator' => [static fn (array $messages): \Generator => (static fn () => yield from $messages)()];
        yield 'an iterator' => [static fn (array $messages): \Iterator => new \LimitIterator(
            new \InfiniteIterator(new \ArrayIterator($messages)),
            limit: 2,
        )];
        yield 'an aggregate' => [static fn (array $messages): \Traversable => new \ArrayObject($messages)];
    }

    /** @dataProvider iterables */
    public function testAnyIterableWillDo(callable $iterable): void
    {
        $messages = [Message::text(self::TO, 'One'), Message::text(self::TO, 'Two')];
        $results = iterator_to_array($this->wa->sendBulk($iterable($messages), inOrder: true));
        self::assertSame([0, 1], array_keys($results));
        self::assertContainsOnlyInstancesOf(BulkResult::class, $results);
        self::assertCount(2, $this->sandbox->messages());
    }

    public function testNothingToSend(): void
    {
        self::assertSame([], iterator_to_array($this->wa->sendBulk([])));
    }

    public function testOptionsThatCannotBe(): void
    {
        $bulk = fn () => iterator_to_array($this->wa->sendBulk([Message::text(self::TO, 'Hello')], window: 0));
        self::assertSame('window', self::thrown(ConfigError::class, $bulk)->setting);
        self::assertSame([], $this->sandbox->requests());
    }

    public function testMessagesAreTakenWhenThereIsRoom(): void
    {
        $taken = 0;
        $endless = (static function () use (&$taken): \Generator {
            while (true) {
                $taken++;
                yield Message::text(self::TO, "Hello {$taken}");
            }
        })();
        $told = 0;
        foreach ($this->wa->sendBulk($endless, window: 4) as $result) {
            $told++;
            self::assertLessThanOrEqual($told + 4, $taken);
            if ($told === 20) {
                break;
            }
        }
        self::assertSame(20, $told);
    }

    public function testLeavingTheLoopWaitsForWhatIsInFlight(): void
    {
        $this->sandbox->settings(['latency_ms' => 150]);
        try {
            $endless = (static function (): \Generator {
                while (true) {
                    yield Message::text(self::TO, 'Hello');
                }
            })();
            foreach ($this->wa->sendBulk($endless, window: 8) as $result) {
                self::assertSame('accepted', $result->outcome);
                break;
            }
            $reached = $this->sandbox->state()['counters'];
            self::assertSame($reached['requests'], $reached['accepted']);
            // Whatever would still be sent would be sent while this call waits for its answer.
            $this->wa->sendText(self::TO, 'The last one');
            self::assertSame($reached['requests'] + 1, $this->sandbox->state()['counters']['requests']);
        } finally {
            $this->sandbox->settings(['latency_ms' => 0]);
        }
    }

    public function testAnExceptionOfTheIterableComesOutAfterWhatWasTaken(): void
    {
        $failure = new \LogicException('the database is gone');
        $messages = (static function () use ($failure): \Generator {
            yield Message::text(self::TO, 'One');
            yield Message::text(self::TO, 'Two');
            throw $failure;
        })();
        $told = 0;
        $loop = function () use ($messages, &$told): void {
            foreach ($this->wa->sendBulk($messages) as $result) {
                self::assertSame('accepted', $result->outcome);
                $told++;
            }
        };
        self::assertSame($failure, self::thrown(\LogicException::class, $loop));
        self::assertSame(2, $told);
    }

    public function testABulkThatCanOnlyBeRefusedTakesNothingMoreAndThrows(): void
    {
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 190, 'times' => 0]);
        $taken = 0;
        $endless = (static function () use (&$taken): \Generator {
            while (true) {
                $taken++;
                yield Message::text(self::TO, 'Hello');
            }
        })();
        $told = [];
        $loop = function () use ($endless, &$told): void {
            foreach ($this->wa->sendBulk($endless, window: 8) as $result) {
                $told[] = $result->outcome;
            }
        };
        $thrown = self::thrown(AuthenticationError::class, $loop);
        self::assertSame(190, $thrown->getCode());
        self::assertStringStartsWith('The bulk stopped by itself', $thrown->getMessage());
        self::assertCount($taken, $told);
        self::assertLessThanOrEqual(16, $taken);
        self::assertSame([], array_diff($told, ['rejected', 'not_sent']));
    }

    public function testWhatWaitsWhenABulkStopsIsNotSentAndSaysWhy(): void
    {
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 131031, 'to' => '+15550000001']);
        $messages = array_map(static fn (int $n): Message => Message::text("+1555000000{$n}", 'Hello'), range(0, 9));
        $told = [];
        $loop = function () use ($messages, &$told): void {
            foreach ($this->sandbox->client(rate: 2.0)->sendBulk($messages, inOrder: true) as $result) {
                $told[] = $result;
            }
        };
        self::thrown(PolicyError::class, $loop);
        self::assertSame(
            ['accepted', 'rejected', ...array_fill(0, 8, 'not_sent')],
            array_map(static fn (BulkResult $result): string => $result->outcome, $told),
        );
        foreach (array_slice($told, 2) as $result) {
            self::assertSame('stopped', $result->error->reason);
            self::assertStringContainsString('131031', $result->error->getMessage());
        }
    }

    public function testWhenBothFailTheIterablesExceptionIsThePreviousOne(): void
    {
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 190, 'times' => 0]);
        $failure = new \LogicException('row 2');
        $messages = (static function () use ($failure): \Generator {
            yield Message::text(self::TO, 'One');
            throw $failure;
        })();
        $thrown = self::thrown(AuthenticationError::class, fn () => iterator_to_array($this->wa->sendBulk($messages)));
        self::assertSame($failure, $thrown->getPrevious());
    }

    public function testATokenThatIsRenewedStopsNoBulk(): void
    {
        $this->sandbox->settings(['tokens' => ['second']]);
        try {
            $asked = 0;
            $token = static function () use (&$asked): string {
                return $asked++ === 0 ? 'first' : 'second';
            };
            $messages = array_fill(0, 50, Message::text(self::TO, 'Hello'));
            $outcomes = [];
            foreach ($this->sandbox->client(accessToken: $token, rate: 0.0)->sendBulk($messages, window: 8) as $result) {
                $outcomes[] = $result->outcome;
            }
            self::assertSame(['accepted' => 50], array_count_values($outcomes));
        } finally {
            $this->sandbox->settings(['tokens' => [$this->sandbox->token]]);
        }
    }

    public function testAnExceptionInTheLoopComesOutAsItIs(): void
    {
        $failure = new \LogicException('enough');
        $loop = function () use ($failure): void {
            foreach ($this->wa->sendBulk([Message::text(self::TO, 'Hello')]) as $_) {
                throw $failure;
            }
        };
        self::assertSame($failure, self::thrown(\LogicException::class, $loop));
        self::assertNull($failure->getPrevious());
    }

    public function testResultsComeWhileTheIterableIsSlow(): void
    {
        $told = 0;
        $slow = (static function () use (&$told): \Generator {
            yield Message::text(self::TO, 'One');
            yield Message::text(self::TO, 'Two');
            // Goes on only when the first two have been told, which no larger batch would do.
            while ($told < 2) {
                yield Message::text('call me', 'refused at once');
            }
        })();
        foreach ($this->wa->sendBulk($slow, window: 100) as $result) {
            $told += $result->outcome === 'accepted' ? 1 : 0;
        }
        self::assertSame(2, $told);
    }

    public function testTwoThousandAtTheDefaultRate(): void
    {
        // Tried anew where the machine stalls: what it has held up arrives at once then, and counts in one second. A pace
        // that is too fast is so every time.
        $refused = [];
        do {
            self::assertLessThan(3, count($refused), implode(', ', $refused) . ' were refused');
            $refused[] = $this->refusalsOfTwoThousand();
        } while (end($refused) > 2);
    }

    private function refusalsOfTwoThousand(): int
    {
        $sandbox = Sandbox::start(pairRate: false);
        $messages = (static function (): \Generator {
            for ($number = 0; $number < 2_000; $number++) {
                yield Message::text(sprintf('+1555%07d', $number), "Hello {$number}");
            }
        })();
        $outcomes = [];
        foreach ($sandbox->client()->sendBulk($messages) as $result) {
            $outcomes[] = $result->outcome;
        }
        self::assertSame(['accepted' => 2_000], array_count_values($outcomes));
        $counters = $sandbox->state()['counters'];
        self::assertSame(2_000, $counters['accepted']);
        self::assertSame(0, $counters['duplicate_trackers']);

        return $counters['requests'] - 2_000;
    }
}
