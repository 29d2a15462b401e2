<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

use PHPUnit\Framework\TestCase;
use WaCloud\Testing\Sandbox;
use WaCloud\WhatsAppClient;

/** A test against one sandbox, which is as new before each. */
abstract class SandboxTestCase extends TestCase
{
    protected const TO = '+15550001234';

    private static ?Sandbox $shared = null;

    protected Sandbox $sandbox;

    protected WhatsAppClient $wa;

    protected function setUp(): void
    {
        $this->sandbox = self::$shared ??= Sandbox::start(rate: 0, pairRate: false);
        $this->sandbox->reset();
        // Other tests send with the same settings: the pace of this one is its own.
        $this->wa = $this->sandbox->client(rate: 0.0);
    }

    /**
     * What a callable throws.
     *
     * @template T of \Throwable
     *
     * @param class-string<T> $class
     *
     * @return T
     */
    protected static function thrown(string $class, callable $callable): \Throwable
    {
        try {
            $callable();
        } catch (\Throwable $thrown) {
            self::assertInstanceOf($class, $thrown, (string) $thrown);

            return $thrown;
        }
        self::fail("nothing was thrown, {$class} was expected");
    }

    /**
     * Does something in a child process while this one goes on, once a number of requests has reached the sandbox.
     *
     * @return int The child's process id.
     */
    protected function afterRequests(int $count, callable $callable): int
    {
        $parent = getmypid();
        $child = pcntl_fork();
        if ($child !== 0) {
            return $child;
        }
        while ($this->sandbox->state()['counters']['requests'] < $count) {
            usleep(2_000);
        }
        $callable($parent);
        // Without what PHP does at a process's end, which is the parent's to do.
        posix_kill(getmypid(), SIGKILL);
        exit;
    }
}
