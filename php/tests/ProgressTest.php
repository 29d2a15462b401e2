<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\BulkProgress;
use WaCloud\Exception\ConfigError;
use WaCloud\Message;
use WaCloud\Tests\Support\SandboxTestCase;

/** How far a bulk is: a function that is told, and a bar. */
final class ProgressTest extends SandboxTestCase
{
    protected function tearDown(): void
    {
        $this->sandbox->settings(['latency_ms' => 0]);
    }

    public function testAFunctionIsToldToTheEnd(): void
    {
        $this->sandbox->settings(['latency_ms' => 20]);
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 131026, 'to' => '+15550000003']);
        $this->sandbox->fault(['kind' => 'reset_after', 'to' => '+15550000005']);
        /** @var list<BulkProgress> $told */
        $told = [];
        $progress = static function (BulkProgress $now) use (&$told): void {
            $told[] = $now;
        };
        $messages = [...self::messages(40), Message::text('call me', '')];
        self::assertCount(41, iterator_to_array($this->wa->sendBulk($messages, window: 4, progress: $progress)));
        $last = $told[array_key_last($told)];
        self::assertSame([41, 41, 0], [$last->done, $last->total, $last->etaMs]);
        self::assertSame([38, 1, 1, 1], [$last->accepted, $last->rejected, $last->notSent, $last->unknown]);
        self::assertGreaterThan(0, $last->rate);
        // 40 messages, 4 at a time, each at least 20 ms: at most ten times a second, and the end.
        self::assertGreaterThanOrEqual(200, $last->elapsedMs);
        self::assertLessThanOrEqual($last->elapsedMs / 100 + 3, count($told));
    }

    public function testTheLastCallComesAfterTheLastResult(): void
    {
        $events = [];
        $progress = static function (BulkProgress $now) use (&$events): void {
            $events[] = $now->done;
        };
        foreach ($this->wa->sendBulk(self::messages(50), progress: $progress) as $_) {
            $events[] = 'result';
        }
        self::assertSame(50, end($events));
    }

    public function testTheTotalIsCountedOrGiven(): void
    {
        $total = function (iterable $messages, ?int $total = null): ?int {
            $found = null;
            $progress = static function (BulkProgress $now) use (&$found): void {
                $found = $now->total;
            };
            iterator_to_array($this->wa->sendBulk($messages, total: $total, progress: $progress));

            return $found;
        };
        $list = iterator_to_array(self::messages(3));
        self::assertSame(3, $total($list));
        self::assertSame(3, $total(new \ArrayObject($list)));
        self::assertNull($total(self::messages(3)));
        self::assertSame(7, $total(self::messages(3), 7));
        self::assertSame(7, $total($list, 7));
    }

    public function testAnExceptionOfTheFunctionIsTheCallers(): void
    {
        $failure = new \LogicException('mine');
        $bulk = fn () => iterator_to_array($this->wa->sendBulk(self::messages(5), progress: static fn () => throw $failure));
        self::assertSame($failure, self::thrown(\LogicException::class, $bulk));
    }

    public function testATotalThatCannotBe(): void
    {
        $bulk = fn () => iterator_to_array($this->wa->sendBulk(self::messages(1), total: -1));
        self::assertSame('total', self::thrown(ConfigError::class, $bulk)->setting);
        self::assertSame([], $this->sandbox->requests());
    }

    public function testABarIsDrawnOnATerminal(): void
    {
        $this->sandbox->settings(['latency_ms' => 20]);
        $drawn = $this->stderrOfABulkWithABar(['pty']);
        self::assertStringContainsString('0/30', $drawn);
        self::assertStringContainsString('30/30', $drawn);
        self::assertStringContainsString(' left', $drawn);
    }

    public function testWithoutATerminalItIsOneLineAtTheEnd(): void
    {
        self::assertMatchesRegularExpression('~^wacloud: 30/30  [^\n]*\n$~', $this->stderrOfABulkWithABar(['pipe', 'w']));
    }

    /** @param list<string> $stderr As `proc_open` takes it. */
    private function stderrOfABulkWithABar(array $stderr): string
    {
        $program = <<<'PROGRAM'
            [, $autoload, $url, $token, $number] = $argv;
            // Nothing is prepended to code from the command line.
            require $autoload;
            $wa = new WaCloud\WhatsAppClient($number, $token, baseUrl: $url, rate: 0.0, pairRate: 0.0);
            $messages = array_map(static fn (int $n) => WaCloud\Message::text(sprintf('+1555%07d', $n), 'Hello'), range(1, 30));
            foreach ($wa->sendBulk($messages, progress: true, window: 4) as $_);
            PROGRAM;
        $command = [PHP_BINARY, '-c', php_ini_loaded_file(), '-r', $program, '--'];
        $arguments = [dirname(__DIR__) . '/autoload.php', $this->sandbox->url, $this->sandbox->token, $this->sandbox->phoneNumberId];
        $environment = ['TERM' => 'xterm'] + getenv();
        $process = proc_open([...$command, ...$arguments], [1 => ['pipe', 'w'], 2 => $stderr], $pipes, null, $environment);
        $told = '';
        // The end of a terminal is an error to PHP, which says nothing new here.
        while (!in_array($read = @fread($pipes[2], 4096), ['', false], true)) {
            $told .= $read;
        }
        self::assertSame('', stream_get_contents($pipes[1]));
        self::assertSame(0, proc_close($process), $told);

        return $told;
    }

    /** @return \Generator<int, Message> */
    private static function messages(int $count): \Generator
    {
        for ($number = 0; $number < $count; $number++) {
            yield Message::text(sprintf('+1555%07d', $number), 'Hello');
        }
    }
}
