<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Tests\Support\SandboxTestCase;

/** In several threads of one process at once, which only thread-safe builds of PHP can; scripts/try-zts.sh has one. */
final class ThreadsTest extends SandboxTestCase
{
    private string $host;

    protected function setUp(): void
    {
        parent::setUp();
        // A name for threads/host.c, compiled for this PHP.
        $this->host = getenv('WACLOUD_PHP_HOST') ?: self::markTestSkipped('needs a thread-safe PHP (scripts/try-zts.sh)');
    }

    public function testEachThreadGetsWhatBecameOfItsOwnMessages(): void
    {
        [$status, $output, $errors] = $this->inThreads(1, 8, 4, 'send.php', '50');
        self::assertSame([0, ''], [$status, $errors]);
        $told = array_map(static fn (string $line): array => json_decode($line, true, 512, JSON_THROW_ON_ERROR), $output);

        self::assertCount(32, $told);
        $sent = array_merge(...array_column($told, 'sent'));
        self::assertCount(8 * 4 * 50, $sent);
        self::assertEquals($sent, $this->ledger());
        foreach ($told as $request) {
            $hasFunctions = $request['thread'] % 2 === 0;
            self::assertSame($hasFunctions ? 50 : 0, count(array_keys($request['logged'], 'outcome', true)));
            self::assertSame($hasFunctions, $request['asked'] > 0);
            // One runtime for all, and no signal handler of PHP's runs in a thread that is not PHP's.
            [$mask] = [...array_filter($request['masks']), ''];
            self::assertCount(1, array_filter($request['masks']));
            foreach ([SIGINT, SIGALRM, SIGTERM, SIGPROF] as $signal) {
                self::assertSame(1, hexdec(substr($mask, -8)) >> ($signal - 1) & 1, "signal {$signal} is not blocked in {$mask}");
            }
        }
        self::assertTrue(self::overlap($told), 'no two threads were at it at once');
    }

    public function testARequestThatIsLeftEndsNoOther(): void
    {
        $this->sandbox->fault(['kind' => 'delay', 'delay_ms' => 5, 'times' => 0]);
        [$status, $output, $errors] = $this->inThreads(1, 10, 3, 'leave.php');

        $whole = array_merge(...array_map(
            static fn (int $thread): array => array_fill(0, 3, "{$thread} to the end"),
            [0, 1, 5, 6],
        ));
        self::assertEqualsCanonicalizing($whole, array_values(preg_grep('/to the end$/', $output)));
        // Two ways to fail, in two threads each, three times; no thread has ended the process.
        self::assertSame(1, $status);
        self::assertSame(12, preg_match_all('/exit status 255$/m', $errors));
        $counts = array_count_values($this->ledger());
        foreach ([0, 5] as $thread) {
            for ($index = 1; $index <= 50; $index++) {
                self::assertSame(3, $counts["{$thread}/{$index}"]);
            }
        }
        self::assertSame(3, max($counts), 'a message was sent twice');
    }

    public function testPhpThatEndsAndStartsAgainInTheSameProcess(): void
    {
        [$status, $output, $errors] = $this->inThreads(3, 2, 1, 'send.php', '5');
        self::assertSame([0, ''], [$status, $errors]);
        self::assertCount(6, $output);
        self::assertCount(30, $this->ledger());
    }

    /** @return array<string, string> What was accepted: ids and texts. */
    private function ledger(): array
    {
        $messages = $this->sandbox->messages();

        return array_combine(
            array_column($messages, 'id'),
            array_map(static fn (array $message): string => $message['payload']['text']['body'], $messages),
        );
    }

    /**
     * Runs a script in threads.
     *
     * @return array{int, list<string>, string} Exit status, lines of output, standard error.
     */
    private function inThreads(int $starts, int $threads, int $requests, string $script, string ...$arguments): array
    {
        $numbers = array_map(strval(...), [$starts, $threads, $requests]);
        $sandbox = [$this->sandbox->url, $this->sandbox->phoneNumberId, $this->sandbox->token];
        $command = [$this->host, php_ini_loaded_file(), ...$numbers, __DIR__ . "/threads/{$script}", ...$sandbox, ...$arguments];
        // Files, because what several threads write to a pipe can be mixed.
        [$output, $errors] = [tmpfile(), tmpfile()];
        $status = proc_close(proc_open($command, [1 => $output, 2 => $errors], $pipes));
        rewind($output);
        rewind($errors);

        return [$status, array_values(array_filter(explode("\n", stream_get_contents($output)))), stream_get_contents($errors)];
    }

    /** @param list<array<string, mixed>> $told */
    private static function overlap(array $told): bool
    {
        foreach ($told as $one) {
            foreach ($told as $other) {
                if ($one['thread'] < $other['thread'] && $one['began'] < $other['ended'] && $other['began'] < $one['ended']) {
                    return true;
                }
            }
        }

        return false;
    }
}
