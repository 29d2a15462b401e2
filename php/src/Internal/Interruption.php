<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\BulkResult;
use WaCloud\Exception\Interrupted;

/**
 * Adds to an exception that ended the waiting (a signal handler threw it) what became of what was waited for. The exception
 * stays the one that was thrown, so that whoever expects it catches it.
 *
 * @internal
 */
final class Interruption
{
    /**
     * @param array<string, mixed>|null $envelope How the call ended, if it told in time.
     * @param callable(mixed): mixed $make Makes the result of what core answers.
     */
    public static function ofCall(\Throwable $interruption, ?array $envelope, callable $make): void
    {
        self::attach($interruption, match (true) {
            $envelope === null => new Interrupted(
                'The call had not ended when it was left; it may have been carried out.',
                [],
            ),
            isset($envelope['error']) => Errors::fromCore($envelope['error']),
            default => new Interrupted('The call was carried out all the same.', [$make($envelope['ok'])]),
        });
    }

    /**
     * @param list<BulkResult> $untold What the caller has not been told.
     * @param bool $isAll Whether everything that was in flight is among it.
     */
    public static function ofBulk(\Throwable $interruption, array $untold, bool $isAll): void
    {
        if ($untold === [] && $isAll) {
            return;
        }
        $message = count($untold) . ' results were still to be told.';
        if (!$isAll) {
            $message .= ' Further messages had not ended when the bulk was left; they may have been sent.';
        }
        self::attach($interruption, new Interrupted($message, $untold));
    }

    /** PHP has no other way to give an exception that exists already a previous one. */
    private static function attach(\Throwable $interruption, \Throwable $outcome): void
    {
        while ($interruption->getPrevious() !== null) {
            $interruption = $interruption->getPrevious();
        }
        $class = $interruption instanceof \Exception ? \Exception::class : \Error::class;
        (new \ReflectionProperty($class, 'previous'))->setValue($interruption, $outcome);
    }
}
