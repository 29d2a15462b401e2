<?php

declare(strict_types=1);

namespace WaCloud\Internal;

/**
 * Operations of a common subject: what `$wa->phone` is.
 *
 * @internal
 */
abstract class Group
{
    use CallOptions;

    /** @param \Closure(): Transport $open Gives the transport of the client, unless that is closed. */
    final public function __construct(private readonly \Closure $open)
    {
    }

    /** @return array<string, never> Nothing that a dump could show of the client. */
    final public function __debugInfo(): array
    {
        return [];
    }

    final protected function transport(): Transport
    {
        return ($this->open)();
    }

    /**
     * Everything on a list, page after page.
     *
     * @param array<string, mixed> $params In core's names; those that are null were not given.
     * @param array<string, mixed> $options Likewise.
     * @param callable(mixed): object $make Makes a page of what core answers.
     */
    final protected function pages(string $operation, array $params, array $options, callable $make): \Generator
    {
        $number = 0;
        do {
            $page = $this->transport()->call($operation, $params, $options, $make);
            foreach ($page->items as $item) {
                yield $number++ => $item;
            }
            $params['after'] = $page->hasNext ? $page->after : null;
        } while ($params['after'] !== null);
    }
}
