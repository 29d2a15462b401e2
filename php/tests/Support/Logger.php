<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

use Psr\Log\LoggerInterface;

/** Keeps what is logged, and tells a function if there is one. Of PSR-3 only what this library calls does something. */
class Logger implements LoggerInterface
{
    /** @var list<array{string, string, array<string, mixed>}> Level, message, context. */
    public array $told = [];

    public function __construct(private readonly ?\Closure $function = null)
    {
    }

    public function log($level, string|\Stringable $message, array $context = []): void
    {
        $this->told[] = [$level, (string) $message, $context];
        if ($this->function !== null) {
            ($this->function)($level, $message, $context);
        }
    }

    /** @return list<string> */
    public function kinds(): array
    {
        return array_map(static fn (array $event): string => $event[2]['kind'], $this->told);
    }

    public function emergency(string|\Stringable $message, array $context = []): void
    {
    }

    public function alert(string|\Stringable $message, array $context = []): void
    {
    }

    public function critical(string|\Stringable $message, array $context = []): void
    {
    }

    public function error(string|\Stringable $message, array $context = []): void
    {
    }

    public function warning(string|\Stringable $message, array $context = []): void
    {
    }

    public function notice(string|\Stringable $message, array $context = []): void
    {
    }

    public function info(string|\Stringable $message, array $context = []): void
    {
    }

    public function debug(string|\Stringable $message, array $context = []): void
    {
    }
}
