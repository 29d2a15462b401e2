<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ValidationError;
use WaCloud\Internal\Extension;
use WaCloud\Internal\Json;

/**
 * A message to send: `Message::text(…)`, `Message::template(…)` … take what `sendText`, `sendTemplate` … take.
 *
 * Making one checks nothing: {@see payload()}, sending and bulks do, and tell all mistakes at once.
 */
final readonly class Message
{
    use Internal\MessageConstructors;

    /**
     * @internal
     *
     * @var array<string, mixed> What was given, in core's names.
     */
    public array $params;

    /**
     * @param string $operation The operation that sends it, in core's name.
     * @param array<string, mixed> $params Its parameters, in core's names; those that are null were not given.
     */
    private function __construct(
        public string $operation,
        array $params,
    ) {
        $this->params = array_filter($params, static fn (mixed $value): bool => $value !== null);
    }

    /**
     * The request body that would go out, as Graph takes it. Nothing is sent.
     *
     * An empty object in it is a `stdClass`, so that it stays one in JSON; everything else is an array.
     *
     * @return array<string, mixed>
     *
     * @throws ValidationError The message has mistakes; all of them are told.
     */
    public function payload(): array
    {
        Extension::require();

        return Json::body(Native\payload($this->operation, Json::object($this->params)));
    }
}
