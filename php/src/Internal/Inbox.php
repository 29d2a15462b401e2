<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Native;

/**
 * A place where core remembers something of events or of a campaign. Opens nothing until it is asked something.
 *
 * @internal
 */
final readonly class Inbox
{
    private function __construct(private Native\Inbox $native)
    {
    }

    /** @throws ConfigError There is no such store, or the extension is not there. */
    public static function open(#[\SensitiveParameter] ?string $store): self
    {
        return self::of(['store' => $store]);
    }

    /** @throws ConfigError There is no such journal, or the extension is not there. */
    public static function journal(#[\SensitiveParameter] string $place, ?string $campaign): self
    {
        return self::of(['journal' => $place, 'campaign' => $campaign]);
    }

    /** @param array<string, mixed> $config */
    private static function of(#[\SensitiveParameter] array $config): self
    {
        Extension::require();
        $native = new Native\Inbox(Json::object($config));
        $error = $native->error();
        if ($error !== null) {
            throw Errors::fromCore(Json::decode($error));
        }

        return new self($native);
    }

    /** What names it in the options of a call. */
    public function name(): string
    {
        return $this->native->name();
    }

    /**
     * The answer to a question. PHP runs its signal handlers while it is waited for.
     *
     * @param array<string, mixed> $members
     *
     * @throws WhatsAppError
     */
    public function ask(string $what, array $members = []): mixed
    {
        $held = Signals::areAsync();
        try {
            Signals::hold($held);
            $call = $this->native->submit(Json::object(['what' => $what] + $members));
            while (($text = $call->wait(Transport::TICK)) === null) {
                Signals::run($held);
            }
            Signals::release($held);
        } finally {
            Signals::allow($held);
        }

        return Json::answer($text);
    }
}
