<?php

declare(strict_types=1);

namespace WaCloud\Exception;

use WaCloud\BulkResult;
use WaCloud\SentMessage;

/**
 * What became of a call or a bulk whose waiting was ended by an exception, say of a signal handler. It is never thrown: it
 * stands behind that exception, as the last of its previous ones.
 *
 * A single call that ended with an error has that error there instead.
 */
final class Interrupted extends \RuntimeException
{
    /** @param list<SentMessage|BulkResult|mixed> $results What nobody was told any more. */
    public function __construct(string $message, public readonly array $results)
    {
        parent::__construct($message);
    }
}
