<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Native;

/**
 * A file or bytes that core keeps for messages, under a name that nobody can guess: a path in JSON could come from
 * anywhere. It goes when nobody here refers to it any more.
 *
 * @internal
 */
final class Held
{
    public readonly string $name;

    /** @param array<string, string|null> $described */
    public function __construct(array $described, ?string $data = null)
    {
        Extension::require();
        // What cannot be kept is told where it is sent.
        $this->name = Json::decode(Native\hold(Json::given($described), $data))['ok'] ?? '';
    }

    public function __destruct()
    {
        Native\let_go($this->name);
    }

    /** Two would let go of the same. */
    private function __clone()
    {
    }

    public function __serialize(): array
    {
        throw new \LogicException('Media::file and Media::bytes are of this process: serialize the path, or upload first.');
    }
}
