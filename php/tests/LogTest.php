<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\NotSentError;
use WaCloud\Message;
use WaCloud\Tests\Support\Logger;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\Tests\Support\Shown;
use WaCloud\WhatsAppClient;

/** What a logger is told, and what a client counts. */
final class LogTest extends SandboxTestCase
{
    private string $errorLog;

    protected function setUp(): void
    {
        parent::setUp();
        $this->errorLog = tempnam(sys_get_temp_dir(), 'wacloud');
        ini_set('error_log', $this->errorLog);
    }

    protected function tearDown(): void
    {
        ini_restore('error_log');
        unlink($this->errorLog);
    }

    public function testASendIsLoggedWithAllThatFindsItAgain(): void
    {
        $logger = new Logger();
        $sent = $this->sandbox->client(logger: $logger)->sendText(self::TO, 'the secret plan');
        self::assertSame(['attempt', 'outcome'], $logger->kinds());
        self::assertSame(['debug', 'request goes out'], array_slice($logger->told[0], 0, 2));
        [$level, $message, $context] = $logger->told[1];
        self::assertSame(['info', 'message accepted'], [$level, $message]);
        self::assertSame([$sent->id, $sent->tracker, 1], [$context['id'], $context['tracker'], $context['attempts']]);
        foreach (['secret plan', '15550001234', $this->sandbox->token] as $kept) {
            self::assertStringNotContainsString($kept, json_encode($logger->told));
        }
    }

    public function testContentIsLoggedWhereItIsAskedFor(): void
    {
        $logger = new Logger();
        $this->sandbox->client(logger: $logger, logContent: true)->sendText(self::TO, 'Hello');
        [[, , $attempt], [, , $outcome]] = $logger->told;
        self::assertSame([self::TO, 'Hello', self::TO], [$attempt['to'], $attempt['body']['text']['body'], $outcome['to']]);
    }

    public function testALoggerThatSaysWhatItTakesIsToldNoMore(): void
    {
        $logger = new class () extends Logger {
            /** @var list<string> */
            public array $takes = [];

            public function isHandling(string $level): bool
            {
                return in_array($level, $this->takes, true);
            }
        };
        $client = $this->sandbox->client(logger: $logger);
        $client->sendText(self::TO, 'Hello');
        self::assertSame([], $logger->told);
        // At the time of the call, not of the client.
        $logger->takes = ['info', 'warning'];
        $client->sendText(self::TO, 'Hello');
        self::assertSame(['outcome'], $logger->kinds());
    }

    public function testWhatIsInTheWayIsLoggedByTheLevelThatItHas(): void
    {
        $this->sandbox->fault(['kind' => 'reset_after']);
        $logger = new Logger();
        $this->sandbox->client(logger: $logger, onUnknown: 'resend')->sendText(self::TO, 'Hello');
        self::assertSame(['attempt', 'retry', 'attempt', 'outcome'], $logger->kinds());
        self::assertSame('warning', $logger->told[1][0]);
        self::assertTrue($logger->told[1][2]['may_be_twice']);
    }

    public function testTheMessagesOfABulkAreLoggedNotLaterThanTold(): void
    {
        $logger = new Logger();
        $client = $this->sandbox->client(logger: $logger, rate: 0.0);
        $told = 0;
        foreach ($client->sendBulk($this->messages(301)) as $_) {
            $outcomes = array_count_values($logger->kinds())['outcome'] ?? 0;
            self::assertGreaterThan($told++, $outcomes);
        }
        self::assertSame(['attempt' => 300, 'outcome' => 301], array_count_values($logger->kinds()));
    }

    public function testWhatIsInFlightWhenABulkIsLeftIsLogged(): void
    {
        $logger = new Logger();
        foreach ($this->sandbox->client(logger: $logger, rate: 0.0)->sendBulk($this->messages(50)) as $_) {
            break;
        }
        gc_collect_cycles();
        $accepted = array_filter($logger->told, static fn (array $event): bool => $event[1] === 'message accepted');
        self::assertCount(count($this->sandbox->messages()), $accepted);
    }

    public function testALoggerThatThrowsBreaksNoSend(): void
    {
        $logger = new Logger(static fn () => throw new \RuntimeException('the disk is full'));
        $client = $this->sandbox->client(logger: $logger, rate: 0.0);
        self::assertNotSame('', $client->sendText(self::TO, 'Hello')->id);
        foreach ($client->sendBulk($this->messages(3)) as $result) {
            self::assertContains($result->outcome, ['accepted', 'not_sent']);
        }
        $shown = file_get_contents($this->errorLog);
        self::assertSame(1, substr_count($shown, 'wacloud: the logger threw RuntimeException: the disk is full'), $shown);
    }

    public function testWarningsNeedNoLoggerAndComeOnce(): void
    {
        foreach (['1', '2'] as $number) {
            (new WhatsAppClient($number, 't', apiVersion: 'v13.0'))->withOptions(rate: 5.0);
        }
        $shown = file_get_contents($this->errorLog);
        self::assertSame(1, substr_count($shown, 'wacloud: Graph API v13.0 has ended; use v25.0.'), $shown);
        $logger = new Logger();
        new WhatsAppClient('1', 't', apiVersion: 'v12.0', logger: $logger);
        self::assertSame([['warning', 'Graph API v12.0 has ended; use v25.0.', ['kind' => 'warning', 'subject' => 'api_version']]], $logger->told);
    }

    public function testNoPasswordIsSeen(): void
    {
        $settings = ['logger' => Shown::logger(), 'proxy' => 'http://user:proxy0password@127.0.0.1:9', 'maxRetries' => 0];
        $client = $this->sandbox->client(...$settings);
        $error = self::thrown(NotSentError::class, static fn () => $client->sendText(self::TO, 'Hello'));
        foreach (['proxy', $client, $error] as $thing) {
            Shown::add($thing);
        }
    }

    public function testAClientCountsWithItsCopies(): void
    {
        $client = $this->sandbox->client(rate: 0.0);
        self::assertSame([0], array_values(array_unique(get_object_vars($client->stats()))));
        $client->sendText(self::TO, 'Hello');
        $copy = $client->withOptions(maxRetries: 0);
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 131047]);
        iterator_to_array($copy->withOptions(rate: 0.0)->sendBulk($this->messages(3)));
        $stats = $client->stats();
        self::assertEquals($stats, $copy->stats());
        self::assertSame([2, 1, 1, 0], [$stats->accepted, $stats->rejected, $stats->notSent, $stats->unknown]);
        self::assertSame([3, 0, 0], [$stats->attempts, $stats->inFlight, $stats->waiting]);
        self::assertSame(0, $this->sandbox->client(rate: 0.0)->stats()->accepted);
        $client->close();
        self::assertEquals($stats, $client->stats());
    }

    /** @return list<Message> The last one is empty, and so not sent. */
    private function messages(int $count): array
    {
        $texts = [...array_fill(0, $count - 1, 'Hello'), ''];

        return array_map(static fn (string $text): Message => Message::text(self::TO, $text), $texts);
    }
}
