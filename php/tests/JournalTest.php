<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\BulkProgress;
use WaCloud\BulkResult;
use WaCloud\Exception\ConfigError;
use WaCloud\Exception\StoreError;
use WaCloud\Exception\ValidationError;
use WaCloud\Journal;
use WaCloud\Message;
use WaCloud\Testing\Sandbox;
use WaCloud\Tests\Support\Receiver;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\Webhooks;

/** Bulks with a journal: the same call again sends nothing twice, and webhooks settle what is unknown. */
final class JournalTest extends SandboxTestCase
{
    private string $folder;

    private string $place;

    protected function setUp(): void
    {
        $this->sandbox = Sandbox::start(rate: 0, pairRate: false);
        $this->wa = $this->sandbox->client(rate: 0.0, pairRate: 0.0);
        $this->folder = sys_get_temp_dir() . '/wacloud-journal-' . bin2hex(random_bytes(4));
        mkdir($this->folder);
        $this->place = "{$this->folder}/campaign.db";
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->folder}/*"));
        rmdir($this->folder);
    }

    public function testTheSameCallAgainGoesOn(): void
    {
        $first = $this->send(self::numbered(3), journal: $this->place);
        self::assertSame(array_fill(0, 3, ['accepted', false]), self::told($first));
        $last = null;
        $progress = static function (BulkProgress $now) use (&$last): void {
            $last = $now;
        };
        $again = $this->send(array_reverse(self::numbered(5)), journal: $this->place, progress: $progress);
        self::assertSame([false, false, true, true, true], array_column($again, 'replayed'));
        self::assertSame([3, 2], [$last->replayed, $last->newKeys]);
        self::assertEquals($first[0]->sent, $again[4]->sent);
        self::assertCount(5, $this->sandbox->messages());
    }

    public function testKeysAreTheCallers(): void
    {
        [$message] = self::numbered(1);
        $messages = (static function () use ($message): \Generator {
            yield 'order 1' => $message;
            yield ['2', $message];
            yield 'order 1' => $message;
        })();
        $results = $this->send($messages, journal: $this->place);
        self::assertSame(['order 1', '2', 'order 1'], array_column($results, 'key'));
        self::assertInstanceOf(ValidationError::class, $results[2]->error);
        self::assertSame('key', $results[2]->error->violations[0]->path);
        $wrong = $this->send([[[], $message], ['', $message], ['key', 'no message']], journal: $this->place);
        foreach ($wrong as $result) {
            self::assertInstanceOf(ValidationError::class, $result->error);
        }
        $changed = ['order 1' => Message::text('+15550000009', 'Changed')];
        self::assertSame([['accepted', true]], self::told($this->send($changed, journal: $this->place)));
        self::assertCount(2, $this->sandbox->messages());
    }

    /** A generator that gives a key to some only: PHP counts the others, and their places may be others' next time. */
    public function testTextsAmongPlacesAreKeys(): void
    {
        $orders = static function (string $text, array $numbers): \Generator {
            foreach ($numbers as $place => $number) {
                $message = Message::text("+1555000{$number}", $number % 2 === 0 ? $text : 'Hello');
                if ($number % 2 === 0) {
                    yield "order {$number}" => $message;
                } elseif ($number < 1043) {
                    yield $message;
                } else {
                    yield $place => $message;
                }
            }
        };
        foreach ([[1041, 1042, 1043, 1044], [1044, 1043, 1042, 1041]] as $run => $numbers) {
            $told = self::told($this->send($orders("Text {$run}", $numbers), journal: $this->place));
            self::assertSame(array_fill(0, 4, ['accepted', $run === 1]), $told);
        }
        self::assertCount(4, $this->sandbox->messages());
    }

    /**
     * Taken for keys, places would pass for sent who never got anything; taken for places, keys would go out twice.
     *
     * @dataProvider numbersFirst
     *
     * @param iterable<mixed, mixed> $messages
     */
    public function testNumbersThatMayBeKeysOrPlacesAreRefused(iterable $messages, int $number): void
    {
        $error = self::thrown(ValidationError::class, fn () => $this->send($messages, journal: $this->place));
        self::assertStringContainsString("{$number} may be your key, or the place in a list", $error->getMessage());
        self::assertStringContainsString("say so with pairs: ['{$number}', \$message]", $error->getMessage());
        self::assertSame([], $this->sandbox->messages());
    }

    /** @return iterable<string, array{iterable<mixed, mixed>, int}> */
    public static function numbersFirst(): iterable
    {
        $to = static fn (int $number): Message => Message::text("+1555000{$number}", 'Hello');
        $orders = static function () use ($to): \Generator {
            foreach ([1043, 1041, 1042] as $order) {
                yield $order => $to($order);
            }
        };
        yield 'a generator' => [$orders(), 1043];
        yield 'an array' => [['1041' => $to(1041), 'A1042' => $to(1042)], 1041];
        yield 'an iterator from 1' => [new \ArrayIterator([1 => $to(1041), 2 => $to(1042)]), 1];
        yield 'a list without its first' => [array_filter([null, $to(1041), $to(1042)]), 1];
    }

    /**
     * @dataProvider lists
     *
     * @param callable(list<Message>): iterable<mixed, mixed> $list
     */
    public function testPlacesInAListAreNoKeys(callable $list): void
    {
        $first = $this->send($list(self::numbered(6)), journal: $this->place);
        self::assertSame(array_fill(0, 6, ['accepted', false]), self::told($first));
        // Everybody has another place.
        $again = $this->send($list(array_reverse(self::numbered(6))), journal: $this->place);
        self::assertSame(array_fill(0, 6, ['accepted', true]), self::told($again));
        self::assertCount(6, $this->sandbox->messages());
    }

    /** @return iterable<string, array{callable(list<Message>): iterable<mixed, mixed>}> */
    public static function lists(): iterable
    {
        yield 'an array' => [static fn (array $messages): array => $messages];
        $chunks = static function (array $messages): \Generator {
            yield $messages[0];
            yield $messages[1];
            // These begin at 0 again.
            yield from array_slice($messages, 2, 3);
            // And this goes on where the generator was.
            yield $messages[5];
        };
        yield 'several lists' => [$chunks];
        $mixed = static function (array $messages): \Generator {
            foreach ($messages as $message) {
                $to = $message->payload()['to'];
                yield $to[-1] % 2 === 0 ? [$to, $message] : $message;
            }
        };
        yield 'pairs among them' => [$mixed];
    }

    public function testAnArrayThatIsNoListAnyMoreIsRefusedBeforeAnythingIsSent(): void
    {
        $kept = array_filter(self::numbered(5), static fn (int $place): bool => $place !== 1, ARRAY_FILTER_USE_KEY);
        $error = self::thrown(ValidationError::class, fn () => $this->send($kept, journal: $this->place));
        self::assertStringContainsString('2 comes where 0 was the highest', $error->getMessage());
        self::assertStringContainsString('array_values($messages)', $error->getMessage());
        self::assertStringEndsWith('Nothing was sent.', $error->getMessage());
        self::assertSame(['key', 'list'], [$error->violations[0]->path, $error->violations[0]->rule]);
        self::assertSame([], $this->sandbox->messages());
        self::assertCount(4, $this->send(array_values($kept), journal: $this->place));
        // Where nothing is known by its key, keys do not matter.
        self::assertCount(4, $this->send($kept));
        $pairs = array_map(static fn (Message $message): array => [$message->payload()['to'], $message], $kept);
        self::assertCount(4, $this->send($pairs, journal: "{$this->folder}/pairs.db"));
    }

    /** @dataProvider keysThatAreNoPlaces */
    public function testAKeyThatIsNoPlaceEndsAList(mixed $key, string $shown): void
    {
        $messages = (static function () use ($key): \Generator {
            [$zero, $one, $two, $three] = self::numbered(4);
            yield $zero;
            yield $one;
            yield $key => $two;
            yield $three;
        })();
        $told = [];
        $loop = function () use ($messages, &$told): void {
            foreach ($this->wa->sendBulk($messages, journal: $this->place) as $result) {
                $told[] = $result->outcome;
            }
        };
        $error = self::thrown(ValidationError::class, $loop);
        self::assertStringContainsString("{$shown} comes where 1 was the highest", $error->getMessage());
        self::assertStringContainsString('message (3 of the iterable) was not sent', $error->getMessage());
        self::assertStringContainsString('Before it, 2 came without keys', $error->getMessage());
        self::assertSame(['accepted', 'accepted'], $told);
        self::assertCount(2, $this->sandbox->messages());
    }

    /** Who thinks that these go out again gives them other keys. */
    public function testOfMessagesWithKeysBeforeSuchANumberNothingElseIsSaid(): void
    {
        [$zero, $one, $two] = self::numbered(3);
        $begun = static function () use ($zero, $one, $two): \Generator {
            yield 'A1' => $zero;
            yield ['A2', $one];
            yield 1041 => $two;
        };
        $error = self::thrown(ValidationError::class, fn () => $this->send($begun(), journal: $this->place));
        self::assertStringEndsWith('Those before it have keys, and a new run goes on behind them.', $error->getMessage());
        self::assertCount(2, $this->sandbox->messages());
        $first = (static fn (): \Generator => yield 1041 => $two)();
        $error = self::thrown(ValidationError::class, fn () => $this->send($first, journal: "{$this->folder}/first.db"));
        self::assertStringEndsWith('was not sent, and none after it.', $error->getMessage());
    }

    /** @return iterable<string, array{mixed, string}> */
    public static function keysThatAreNoPlaces(): iterable
    {
        yield 'a gap' => [3, '3'];
        yield 'a number' => [1041, '1041'];
        yield 'below 0' => [-1, '-1'];
    }

    public function testAWebhookSettlesWhatIsUnknown(): void
    {
        $receiver = new Receiver();
        $this->sandbox->webhook(
            $receiver->url,
            verify_token: 'php-token',
            statuses: ['sent', 'delivered', 'read'],
            status_delay_ms: 0,
        );
        $this->sandbox->fault(['kind' => 'reset_after']);
        self::assertSame([['unknown', false]], self::told($this->send(self::numbered(1), journal: $this->place)));
        self::assertSame([['unknown', true]], self::told($this->send(self::numbered(1), journal: $this->place)));
        $this->sandbox->flushWebhooks();
        $events = array_merge(...array_map(Webhooks::parse(...), array_column($receiver->came(), 'body')));
        $journal = new Journal($this->place);
        $observed = $journal->observe($events);
        self::assertSame([1, 1, 1], [$observed->settled, $observed->delivered, $observed->read]);
        self::assertSame(count($events), $journal->observe($events)->repeated);
        self::assertSame([['accepted', true]], self::told($this->send(self::numbered(1), journal: $this->place)));
        $report = $journal->report();
        self::assertSame([1, 1, 3], [$report->accepted, $report->read, $report->runs]);
        [$row] = iterator_to_array($journal->rows(), preserve_keys: false);
        self::assertSame($this->sandbox->messages()[0]['id'], $row->id);
        self::assertSame(['+15550000000', 'accepted', null], [$row->to, $row->outcome, $row->message]);
        self::assertIsInt($row->readAtMs);
    }

    public function testRefusalsStayUnlessAskedFor(): void
    {
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 131026]);
        $this->send(self::numbered(1), journal: $this->place);
        [$result] = $this->send(self::numbered(1), journal: $this->place);
        self::assertSame(['rejected', true, 131026], [$result->outcome, $result->replayed, $result->error->getCode()]);
        $results = $this->send(self::numbered(1), journal: $this->place, retryRejected: true);
        self::assertSame([['accepted', false]], self::told($results));
    }

    /**
     * @param array<string, mixed> $options
     *
     * @dataProvider wrongOptions
     */
    public function testWhatCannotBeIsToldAtOnce(array $options, string $message): void
    {
        try {
            $this->send(self::numbered(1), ...$options);
            self::fail('it was taken');
        } catch (ConfigError $error) {
            self::assertStringContainsString($message, $error->getMessage());
        }
        self::assertSame([], $this->sandbox->messages());
    }

    /** @return iterable<string, array{array<string, mixed>, string}> */
    public static function wrongOptions(): iterable
    {
        yield 'no place' => [['journal' => ''], 'journal: '];
        yield 'a place that is none' => [['journal' => 'ftp://host/0'], 'journal: '];
        yield 'a campaign alone' => [['campaign' => 'spring'], 'campaign: needs a journal'];
        yield 'an option alone' => [['retryRejected' => true], 'retryRejected: needs a journal'];
        yield 'no name' => [['journal' => 'c.db', 'campaign' => ''], 'campaign: must have 1 to 100 characters'];
    }

    public function testAFileThatIsNoneIsLeftAlone(): void
    {
        $text = str_repeat('This is no journal. ', 50);
        file_put_contents($this->place, $text);
        try {
            $this->send(self::numbered(2), journal: $this->place);
            self::fail('it was taken');
        } catch (StoreError $error) {
            self::assertStringContainsString('not a database', $error->getMessage());
        }
        self::assertSame($text, file_get_contents($this->place));
        self::assertSame([], $this->sandbox->messages());
        $this->expectException(StoreError::class);
        $this->expectExceptionMessage('does not exist');
        (new Journal("{$this->folder}/nowhere.db"))->report();
    }

    public function testPeopleAreForgotten(): void
    {
        $this->send(self::numbered(3), journal: $this->place, campaign: 'spring', journalMessages: true);
        $this->send(self::numbered(1), journal: $this->place, campaign: 'autumn');
        $spring = new Journal($this->place, 'spring');
        self::assertSame(['spring', 'autumn'], $spring->campaigns());
        self::assertSame(['body' => 'Hello 0'], $spring->rows()->current()->message['text']);
        self::assertSame(1, $spring->purge(recipient: '+15550000001'));
        self::assertSame(0, $spring->purge(olderThan: 3600.0));
        self::assertSame(3, (new Journal($this->place))->purge(olderThan: 0.0));
        $this->expectException(ConfigError::class);
        $spring->purge();
    }

    public function testALoopThatIsLeftGoesOnLater(): void
    {
        foreach ($this->wa->sendBulk(self::numbered(50), window: 4, journal: $this->place) as $_) {
            break;
        }
        $results = $this->send(self::numbered(50), journal: $this->place);
        self::assertSame(['accepted'], array_values(array_unique(array_column($results, 'outcome'))));
        self::assertCount(50, $this->sandbox->messages());
    }

    /** @return list<Message> */
    private static function numbered(int $count): array
    {
        $message = static fn (int $n): Message => Message::text(sprintf('+1555%07d', $n), "Hello {$n}");

        return array_map($message, range(0, $count - 1));
    }

    /** @return list<BulkResult> In the order of the list. */
    private function send(iterable $messages, mixed ...$options): array
    {
        $results = iterator_to_array($this->wa->sendBulk($messages, ...$options));
        ksort($results);

        return array_values($results);
    }

    /**
     * @param list<BulkResult> $results
     *
     * @return list<array{string, bool}>
     */
    private static function told(array $results): array
    {
        return array_map(static fn (BulkResult $result): array => [$result->outcome, $result->replayed], $results);
    }
}
