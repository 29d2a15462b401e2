<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use Psr\Log\LoggerInterface;

/**
 * Hands what core tells of its work to the caller's logger, on the caller's thread. Without one, warnings go to PHP's own
 * error log; not through `trigger_error`, which many frameworks turn into exceptions.
 *
 * @internal
 */
final class Log
{
    /** By core's names, which PSR-3 has, too. */
    private const LEVELS = ['debug', 'info', 'warning'];

    private bool $hasThrown = false;

    public function __construct(private readonly ?LoggerInterface $logger)
    {
    }

    /** The options of a call, which ask for as many events as the logger takes now. */
    public function asked(string $optionsJson): string
    {
        $level = $this->least();
        if ($level === null) {
            return $optionsJson;
        }

        return "{\"log\":\"{$level}\"" . ($optionsJson === '{}' ? '' : ',') . substr($optionsJson, 1);
    }

    /** @param array<string, mixed> $told What core told, log events perhaps among it. */
    public function tell(array $told): void
    {
        foreach ($told['log'] ?? [] as ['level' => $level, 'message' => $message, 'fields' => $fields]) {
            if ($this->logger === null) {
                error_log("wacloud: {$message}");
                continue;
            }
            try {
                $this->logger->log($level, $message, $fields);
            } catch (\Throwable $thrown) {
                // The message is on its way or has arrived: no logger may turn that into a failed send.
                $this->threw($thrown);
            }
        }
    }

    /** The least level that the logger takes; null if it takes none. */
    private function least(): ?string
    {
        if ($this->logger === null) {
            return 'warning';
        }
        // PSR-3 has no way to ask. Monolog has one; others are told everything.
        if (!method_exists($this->logger, 'isHandling')) {
            return self::LEVELS[0];
        }
        foreach (self::LEVELS as $level) {
            try {
                if ($this->logger->isHandling($level)) {
                    return $level;
                }
            } catch (\Throwable $thrown) {
                $this->threw($thrown);
            }
        }

        return null;
    }

    private function threw(\Throwable $thrown): void
    {
        if (!$this->hasThrown) {
            $this->hasThrown = true;
            error_log('wacloud: the logger threw ' . $thrown::class . ': ' . $thrown->getMessage());
        }
    }
}
